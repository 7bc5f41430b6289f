"""Text and drawings for `quality.py`, as SVG of our own."""

from __future__ import annotations

import numpy as np


def _svg(content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320">{content}</svg>'


def drawing(name: str) -> str:
    """One of the drawings, 320 pixels a side, as SVG."""
    return {"poster": _poster, "line-drawing": _line_drawing, "cartoon": _cartoon, "diagram": _diagram}[name]()


def _poster() -> str:
    lines = [(44, "LATE SUMMER", 40), (84, "Concerts by the Lake", 30), (116, "Strings, brass and a choir", 22)]
    lines += [(142, "Gates open at 18:30, music from 19:15", 17), (164, "Bring a blanket; umbrellas stay at home", 15)]
    text = "".join(
        f'<text x="12" y="{y}" font-family="serif" font-size="{size}" fill="#fbe9c6">{words}</text>'
        for y, words, size in lines
    )
    small = "".join(
        f'<text x="12" y="{190 + 18 * row}" font-family="sans-serif" font-size="12" fill="#cfe3ea">'
        f"Row {row + 1}: 14 EUR, members {9 + row} EUR, seats {20 * row + 1} to {20 * row + 20}, box office</text>"
        for row in range(7)
    )
    return _svg(f'<rect width="320" height="320" fill="#17324a"/>{text}{small}')


def _line_drawing() -> str:
    rng = np.random.default_rng(3)
    hair = "".join(
        f'<path d="M{160 + 90 * np.cos(a):.1f},{140 + 90 * np.sin(a):.1f} q{rng.normal(0, 22):.1f},{rng.normal(-18, 9):.1f}'
        f' {rng.normal(0, 30):.1f},{rng.normal(-34, 12):.1f}" stroke-width="{rng.uniform(0.8, 2.4):.1f}"/>'
        for a in np.linspace(np.pi * 1.02, np.pi * 1.98, 46)
    )
    hatch = "".join(f'<path d="M{40 + 7 * i},300 l26,-44" stroke-width="1"/>' for i in range(34))
    face = (
        '<ellipse cx="160" cy="150" rx="84" ry="98" stroke-width="3"/>'
        '<path d="M118,132 q18,-16 36,0 q-18,12 -36,0 M170,132 q18,-16 36,0 q-18,12 -36,0" stroke-width="2.2"/>'
        '<circle cx="136" cy="131" r="6" fill="#111"/><circle cx="188" cy="131" r="6" fill="#111"/>'
        '<path d="M162,142 q-12,30 2,34 M130,204 q32,22 62,-2" stroke-width="2"/>'
    )
    return _svg(f'<rect width="320" height="320" fill="#fff"/><g fill="none" stroke="#111">{hair}{face}{hatch}</g>')


def _cartoon() -> str:
    leaves = "".join(
        f'<ellipse cx="{70 + 38 * (i % 5)}" cy="{70 + 30 * (i // 5)}" rx="30" ry="22" fill="#{"4fa85a" if i % 2 else "3b8f4c"}"'
        ' stroke="#1d3b22" stroke-width="3"/>'
        for i in range(15)
    )
    return _svg(
        '<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#8fd0f0"/><stop offset="1" stop-color="#fdf1cf"/>'
        '</linearGradient></defs><rect width="320" height="320" fill="url(#sky)"/>'
        '<path d="M0,250 q90,-50 170,-8 t150,-16 v94 h-320z" fill="#a9cf6b" stroke="#3d5a22" stroke-width="3"/>'
        '<path d="M128,250 q10,-60 2,-110 h34 q-6,60 8,112z" fill="#8a5a35" stroke="#3b2413" stroke-width="3"/>'
        f"{leaves}"
        '<circle cx="262" cy="60" r="26" fill="#ffd34d" stroke="#a8731a" stroke-width="3"/>'
        '<g stroke="#222" stroke-width="2.5" fill="#f2c9a5"><circle cx="250" cy="200" r="30"/>'
        '<path d="M222,190 q28,-44 56,0" fill="#5b3a29"/></g><g fill="#222"><circle cx="240" cy="203" r="4"/>'
        '<circle cx="262" cy="203" r="4"/></g><path d="M240,216 q10,8 22,0" stroke="#222" stroke-width="2" fill="none"/>'
        '<path d="M226,232 l-10,60 h70 l-12,-60z" fill="#d8574c" stroke="#222" stroke-width="2.5"/>'
    )


def _diagram() -> str:
    boxes = "".join(
        f'<rect x="{20 + 150 * (i % 2)}" y="{24 + 96 * (i // 2)}" width="118" height="56" rx="8" fill="{fill}"'
        f' stroke="#234" stroke-width="1.6"/><text x="{79 + 150 * (i % 2)}" y="{56 + 96 * (i // 2)}" text-anchor="middle"'
        f' font-family="sans-serif" font-size="13" fill="#123">{words}</text>'
        for i, (words, fill) in enumerate(
            (
                *(("Upload", "#dcebf7"), ("Queue (FIFO)", "#e6f3dc"), ("Worker 1..4", "#f9e7cf")),
                *(("Storage", "#f3dbe4"), ("Callback", "#e4e0f5"), ("Result 200 OK", "#eeeeee")),
            )
        )
    )
    arrows = "".join(
        f'<path d="M138,{52 + 96 * i} h30 m-7,-5 l7,5 l-7,5 M79,{80 + 96 * i} v38 m-5,-7 l5,7 l5,-7" fill="none"'
        ' stroke="#234" stroke-width="1.4"/>'
        for i in range(3)
    )
    return _svg(f'<rect width="320" height="320" fill="#fff"/>{arrows}{boxes}')

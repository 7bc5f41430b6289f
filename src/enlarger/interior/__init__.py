"""Interior design: rooms, styles, our own prompts, and photos from Telegram that are redesigned or emptied."""

from enlarger.interior.choices import Choice, Room, Style, get_room, get_style, list_rooms, list_styles
from enlarger.interior.previews import draw_preview, draw_sheet
from enlarger.interior.prompts import (
    MOST_WISHES,
    MOST_WORDS,
    build_prompt,
    clear_space_prompt,
    facade_prompt,
    free_prompt,
    sample_prompt,
)
from enlarger.interior.redesign import (
    QUALITIES,
    Edit,
    Quality,
    clear_space_with_kie,
    edit_task,
    generate_interior_with_nano_banana,
    most_bytes,
)

__all__ = [
    "MOST_WISHES",
    "MOST_WORDS",
    "QUALITIES",
    "Choice",
    "Edit",
    "Quality",
    "Room",
    "Style",
    "build_prompt",
    "clear_space_prompt",
    "clear_space_with_kie",
    "draw_preview",
    "draw_sheet",
    "edit_task",
    "facade_prompt",
    "free_prompt",
    "generate_interior_with_nano_banana",
    "get_room",
    "get_style",
    "list_rooms",
    "list_styles",
    "most_bytes",
    "sample_prompt",
]

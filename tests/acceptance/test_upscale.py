"""`enlarger upscale` as people run it."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from tests.acceptance.conftest import Start, Up, environment
from tests.conftest import MakePhoto
from tests.pictures import load, psnr, shrink
from tests.waiting import until

_FAST = ("-m", "real-esrgan/fast")
_ENDLESS = (3000, 2500)
"""A picture that no machine has enlarged by the time that a signal comes."""


async def test_one_command_enlarges_a_photo(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    source = make_photo("photo.jpg", 64, 48)
    command = await start("upscale", source, "-m", "real-esrgan/x4plus")
    assert await command.end() == 0, command.text
    result = tmp_path / "photo@4x.jpg"
    assert load(result).shape == (192, 256, 3)
    assert psnr(shrink(load(result), 4), load(source)) > 24
    said = "".join(command.out)
    assert "openvino-cpu, real-esrgan-x4plus (local)" in said
    assert "64×48 → 256×192" in said
    assert re.search(r"time    [\d.]+ s", said)
    assert re.search(r"task    [0-9a-f]{32}", said)
    assert oct((tmp_path / "data" / "api-key").stat().st_mode & 0o777) == "0o600"


@pytest.mark.usefixtures("used")
async def test_the_first_picture_announces_that_engines_are_measured(start: Start, make_photo: MakePhoto) -> None:
    said = "Measuring which engine is fastest on this machine (once for each model, 10 seconds or more)."
    first = await start("upscale", make_photo("a.png"), *_FAST, ENLARGER_ENGINE="")
    assert await first.end() == 0, first.text
    assert first.text.count(said) == 1
    second = await start("upscale", make_photo("b.png"), *_FAST, ENLARGER_ENGINE="")
    assert await second.end() == 0, second.text
    assert said not in second.text
    listed = await start("engines", "--quiet", ENLARGER_ENGINE="")
    assert await listed.end() == 0
    (chosen,) = "".join(listed.out).split()
    assert all(f"{chosen}, real-esrgan-fast (local)" in command.text for command in (first, second))


@pytest.mark.usefixtures("up")
async def test_a_batch_skips_what_is_done_and_goes_on_after_a_bad_file(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.png", "c.webp"):
        make_photo(f"photos/{name}")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (folder / "notes.txt").write_text("notes")
    (folder / "within").mkdir()
    make_photo("photos/within/d.png")
    command = await start("upscale", folder, "missing.jpg", "-o", "out", "-f", "2", *_FAST)
    assert await command.end() == 1
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {"a@2x.jpg", "b@2x.png", "c@2x.webp", "within"}
    assert (tmp_path / "out" / "within" / "d@2x.png").exists()
    assert "1 left out: 1 text file" in command.text
    assert re.search(r"4 enlarged in \d:\d\d\.", command.text)
    assert re.search(r"✓ out/a@2x\.jpg  48×36 → 96×72  [\d.]+ s\n", "".join(command.out))
    ending = "".join(command.err).split("could not be enlarged:")[1]
    assert "broken.jpg: The jpg picture is damaged" in ending
    assert "missing.jpg: There is no such file." in ending
    assert command.text.count("is damaged") == 1
    assert "(code" not in command.text

    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "b@2x.png").unlink()
    (folder / "broken.jpg").unlink()
    again = await start("upscale", folder, "-o", "out", "-f", "2", *_FAST)
    assert await again.end() == 0, again.text
    assert "3 skipped" in again.text
    assert {path.name for path in (tmp_path / "out").iterdir()} == made
    untouched = tmp_path / "out" / "a@2x.jpg"
    assert untouched.stat().st_mtime_ns == times[untouched]


@pytest.mark.usefixtures("up")
async def test_a_batch_can_be_read_by_programs(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    make_photo("photos/a.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (folder / "notes.txt").write_text("notes")
    command = await start("upscale", "photos", *_FAST, "--json")
    assert await command.end() == 1
    data = json.loads("".join(command.out))
    assert set(data) == {"done", "skipped", "leftOut", "failed"}
    (done,) = data["done"]
    assert (done["source"], done["target"]) == ("photos/a.jpg", "photos/a@4x.jpg")
    assert (done["sourceWidth"], done["width"], done["engine"]) == (48, 192, "openvino-cpu")
    assert done["seconds"] > 0
    assert data["leftOut"] == [{"source": "photos/notes.txt", "kind": "text file"}]
    (failed,) = data["failed"]
    assert failed["source"] == "photos/broken.jpg"
    assert "damaged" in failed["message"]
    assert re.fullmatch("[0-9a-f]{32}", failed["taskId"])

    (folder / "broken.jpg").unlink()
    again = await start("upscale", "photos", *_FAST, "--json")
    assert await again.end() == 0
    data = json.loads("".join(again.out))
    assert data["skipped"] == [{"source": "photos/a.jpg", "target": "photos/a@4x.jpg"}]
    quiet = await start("upscale", "photos/a.jpg", "-f", "2", *_FAST, "-q")
    assert await quiet.end() == 0
    assert quiet.text == "photos/a@2x.jpg\n"


@pytest.mark.usefixtures("used")
async def test_a_batch_that_is_stopped_is_one_document(start: Start, make_photo: MakePhoto) -> None:
    # Three are sent at once, and which of them is made first is not certain; the fourth comes after one of them.
    quick = [make_photo(f"{number}.png", seed=number) for number in range(3)]
    sources = [*quick, make_photo("slow.png", *_ENDLESS)]
    command = await start("upscale", "missing.jpg", *sources, *_FAST, "--json")
    await until(command.says("✓"), seconds=90)
    assert await command.end(signal.SIGINT) == 130
    assert "missing.jpg: There is no such file." in command.text
    data = json.loads("".join(command.out))
    assert data["error"]["type"] == "Interrupted"
    assert 1 <= len(data["done"]) <= 3
    assert f"{len(data['done'])} enlarged in" in command.text


@pytest.mark.usefixtures("up")
async def test_a_result_that_was_paid_for_is_found_again(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    source = make_photo("photo.png")
    first = await start("upscale", source, *_FAST, "--keep-copies")
    assert await first.end() == 0
    content = (tmp_path / "photo@4x.png").read_bytes()
    (tmp_path / "photo@4x.png").unlink()
    second = await start("upscale", source, *_FAST, "--keep-copies")
    assert await second.end() == 0
    assert (tmp_path / "photo@4x.png").read_bytes() == content
    assert first.after("task    ") == second.after("task    ")


@pytest.mark.usefixtures("used")
async def test_a_batch_leaves_no_copies_in_the_data_directory(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    def copies() -> int:
        return len([path for path in (tmp_path / "data" / "files").rglob("[!.]*") if path.is_file()])

    before = copies()
    kept = await start("upscale", make_photo("kept.png", seed=5), *_FAST, "--keep-copies")
    assert await kept.end() == 0, kept.text
    assert copies() == before + 2
    twins = [make_photo(f"twin{number}.png", seed=6) for number in range(4)]  # which share a task
    batch = await start("upscale", *twins, make_photo("other.png", seed=7), *_FAST)
    assert await batch.end() == 0, batch.text
    assert len(list(tmp_path.glob("twin*@4x.png"))) == 4
    assert copies() == before + 2

    # A result that is gone is made again.
    (tmp_path / "other@4x.png").unlink()
    again = await start("upscale", tmp_path / "other.png", *_FAST)
    assert await again.end() == 0, again.text
    assert copies() == before + 2


@pytest.mark.usefixtures("used")
async def test_a_run_that_is_killed_is_gone_on_with(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    sources = [make_photo(f"{number}.png", 200, 150, seed=number) for number in range(4)]
    command = await start("upscale", *sources, *_FAST)

    async def arrived() -> bool:
        return any(tmp_path.glob("*@4x.png"))

    await until(arrived, seconds=90)
    await command.end(signal.SIGKILL)
    again = await start("upscale", *sources, *_FAST)
    assert await again.end() == 0, again.text
    assert re.search(r"\d tasks? of a command that was stopped are processed first\.", again.text)
    assert len(list(tmp_path.glob("*@4x.png"))) == 4


@pytest.mark.usefixtures("used")
async def test_a_result_that_is_no_longer_kept_is_made_again(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    source = make_photo("photo.png")
    first = await start("upscale", source, *_FAST)
    assert await first.end() == 0
    (tmp_path / "photo@4x.png").unlink()
    # Kept for a moment only: by the time of the second run it has expired.
    second = await start("upscale", source, "-f", "2", *_FAST, ENLARGER_RESULTS_DAYS="0.00000001")
    assert await second.end() == 1
    third = await start("upscale", source, "-f", "2", *_FAST)
    assert await third.end() == 0, third.text
    assert (tmp_path / "photo@2x.png").exists()


@pytest.mark.usefixtures("up")
async def test_an_output_file_and_format_can_be_chosen(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    command = await start("upscale", make_photo("photo.png"), "-o", "deep/big.webp", "-f", "1", *_FAST)
    assert await command.end() == 0 or not (tmp_path / "deep").exists()
    command = await start("upscale", make_photo("photo.png"), "-f", "1", "--format", "jpg", *_FAST)
    assert await command.end() == 0, command.text
    with Image.open(tmp_path / "deep" / "big.webp") as image:
        assert (image.format, image.size) == ("WEBP", (48, 36))
    with Image.open(tmp_path / "photo@1x.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (48, 36))


@pytest.mark.usefixtures("used")
async def test_interrupting_keeps_what_is_done_and_running_again_goes_on(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    names = [make_photo(f"{number}.png", 40, 30, seed=number) for number in range(3)]
    slow = make_photo("slow.png", *_ENDLESS)
    command = await start("upscale", *names, slow, *_FAST)
    await until(command.says("✓"), seconds=90)
    assert await command.end(signal.SIGINT) == 130
    assert "run the command again to continue" in command.text
    done = list(tmp_path.glob("*@4x.png"))
    assert done
    assert not list(tmp_path.glob(".*.part"))
    make_photo("slow.png", seed=4)
    again = await start("upscale", *names, slow, *_FAST)
    assert await again.end() == 0, again.text
    assert len(list(tmp_path.glob("*@4x.png"))) == 4
    assert f"{len(done)} skipped" in again.text


@pytest.mark.usefixtures("used")
async def test_a_reader_that_stops_reading_ends_a_batch_without_a_word(make_photo: MakePhoto, tmp_path: Path) -> None:
    sources = [make_photo(f"{number}.png", seed=number) for number in range(3)]
    command = shlex.join([sys.executable, "-m", "enlarger", "upscale", *map(str, sources), *_FAST])
    ended = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"({command}; echo code $? >&2) | head -1"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await ended.communicate()
    assert out.startswith("✓".encode())
    assert err.endswith(b"code 1\n")
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


@pytest.mark.usefixtures("up")
async def test_a_full_disk_ends_a_batch_at_once(start: Start, make_photo: MakePhoto, tmp_path: Path) -> None:
    sources = [make_photo(f"{number}.png", seed=number) for number in range(4)]
    full = tmp_path / "full"
    full.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", full], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        command = await start("upscale", *sources, "-o", full, *_FAST)
        assert await command.end() == 1
    finally:
        subprocess.run(["umount", full], check=True)
    assert command.text.count("is full: free some space and run the command again.") == 1
    assert ".part" not in command.text


async def test_a_service_that_runs_is_used(start: Start, up: Up, make_photo: MakePhoto) -> None:
    command = await start("upscale", make_photo("photo.png"), *_FAST)
    assert await command.end() == 0, command.text
    _, client = up
    task_id = command.after("task    ")
    record = (await client.get("/api/v1/jobs/recordInfo", params={"taskId": task_id})).json()
    assert record["data"]["state"] == "success"


async def test_a_service_elsewhere_is_used_when_it_is_named(
    start: Start, up: Up, make_photo: MakePhoto, tmp_path: Path
) -> None:
    served, _ = up
    settings = {
        "ENLARGER_BASE_URL": served.url,
        "ENLARGER_API_KEY": served.key,
        "ENLARGER_DATA_DIR": tmp_path / "elsewhere",
    }
    command = await start("upscale", make_photo("photo.png"), *_FAST, **settings)
    assert await command.end() == 0, command.text
    assert not (tmp_path / "elsewhere").exists()
    several = [make_photo(f"b{number}.png") for number in range(5)]
    wrong = await start("upscale", *several, *_FAST, **{**settings, "ENLARGER_API_KEY": "wrong"})
    assert await wrong.end() == 3
    assert wrong.text.count("You do not have access permissions") == 1  # for all of them, not for each
    nowhere = await start("upscale", make_photo("c.png"), **{**settings, "ENLARGER_BASE_URL": "http://127.0.0.1:9"})
    assert await nowhere.end() == 7
    assert "http://127.0.0.1:9 does not answer" in nowhere.text
    keyless = await start("upscale", make_photo("d.png"), ENLARGER_BASE_URL=settings["ENLARGER_BASE_URL"])
    assert await keyless.end() == 1
    assert "ENLARGER_API_KEY is not" in keyless.text


@pytest.mark.usefixtures("used")
async def test_a_database_of_another_app_is_left_alone(
    start: Start, make_photo: MakePhoto, tmp_path: Path, postgres: str
) -> None:
    theirs = postgres.replace("@/enlarger?", "@/theirs?")
    connection = await asyncpg.connect(postgres)
    await connection.execute("CREATE DATABASE theirs")
    await connection.close()
    (tmp_path / ".env").write_text(f"DATABASE_URL={theirs}\nENLARGER_STORAGE_URL={tmp_path / 'bucket'}\n")
    command = await start("upscale", make_photo("photo.png"), *_FAST)
    assert await command.end() == 0, command.text
    assert (tmp_path / "photo@4x.png").exists()
    said = [line for line in command.err if "DATABASE_URL" in line]
    note = "DATABASE_URL is not used: no service was found, so this command uses the database in"
    assert said == [f"note: {note} {tmp_path / 'data'}.\n"]
    connection = await asyncpg.connect(theirs)
    assert not await connection.fetch("SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert not (tmp_path / "bucket").exists()


@pytest.mark.usefixtures("used")
async def test_a_made_up_picture_never_lands_beside_a_photo(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    source, result = make_photo("photo.png"), tmp_path / "photo@4x.png"
    sandbox = {"ENLARGER_SANDBOX": "1", "ENLARGER_SANDBOX_SECONDS": "0"}
    refused = await start("upscale", source, *_FAST, **sandbox)
    assert await refused.end() == 1
    assert refused.text.count("in its sandbox") == 1
    assert not result.exists()

    wanted = await start("upscale", source, *_FAST, "--allow-sandbox", **sandbox)
    assert await wanted.end() == 0, wanted.text
    assert "SANDBOX" in "".join(wanted.out)
    assert "None" not in wanted.text
    result.unlink()

    # The sandbox's task is not taken for the result of a real one.
    real = await start("upscale", source, *_FAST)
    assert await real.end() == 0, real.text
    assert "real-esrgan-fast (local)" in "".join(real.out)


async def test_wrong_wishes_are_refused_before_anything_is_started(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    source = make_photo("photo.png")
    for arguments, says in (
        ((source, "-m", "nothing"), "is not known"),
        ((source, "-m", "google/nano-banana"), "takes a prompt, so it cannot be used here"),
        ((source, "-m", "grok-imagine/upscale"), "takes the id of an earlier task"),
        ((source, "--format", "gif"), "choose one of jpg, png, webp"),
        ((source, "-m", "recraft/crisp-upscale", "--format", "png"), "has no output format"),
        ((source, "-m", "recraft/crisp-upscale", "-f", "2"), "always enlarges 4 times"),
        ((source, make_photo("other.png"), "-o", "one.png"), "there are several pictures"),
        ((source, "-o", "out.gif"), "results are .jpg, .png, .webp, .tif or .avif files"),
        ((source, "-o", source.parent / "photo.png" / "deep"), "cannot be written to"),
        ((source, "-f", "20"), "16"),
    ):
        command = await start("upscale", *arguments)
        assert await command.end() in (2, 6)
        assert says in command.text, command.text
    assert not (tmp_path / "data").exists()


async def test_a_folder_without_a_picture_is_an_error(start: Start, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("notes")
    command = await start("upscale", "notes")
    assert await command.end() == 1
    assert "1 left out: 1 text file" in command.text
    assert "No picture was found" in command.text


async def test_a_service_that_cannot_be_started_is_one_error_for_all(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "file").touch()
    command = await start("upscale", make_photo("a.png"), make_photo("b.png"), "--data-dir", tmp_path / "foreign")
    assert await command.end() == 1
    assert command.text.count("is not an Enlarger data directory") == 1

"""Who may go on with a conversion that was stopped: the same survey and settings, and one run at a time."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.__main__ import COMPLETE, INTERRUPTED, WRONG_INPUT, run
from flows.survey_input import scan_files
from tests.flows.conversions import SHARDS, Conversion, convert_undisturbed, ledger
from tests.flows.running import Running, contents, jobs_done, wait_until
from tests.segy_parts import Variant
from tests.surveys import Form, grid_traces

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Conversion]:
    return convert_undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(params=["ingest", "export"])
def conversion(request: pytest.FixtureRequest, conversions: dict[str, Conversion]) -> Conversion:
    return conversions[request.param]


def killed(conversion: Conversion, folder: Path) -> Path:
    """Return an output whose run was killed between its jobs."""
    out = conversion.output(folder)
    running = conversion.start(out)
    wait_until(lambda: jobs_done(ledger(out)) >= 1, running, within=120)
    running.kill()
    assert ledger(out).exists()
    return out


def refused(said: str, out: Path, word: str) -> None:
    assert said.startswith(f"graben: {out}: ")
    assert said.count("\n") == 1
    assert word in said


@pytest.mark.parametrize("workers", [(), ("--workers", 2)], ids=["threads", "workers"])
def test_an_interrupted_run_says_how_to_go_on(
    conversion: Conversion, tmp_path: Path, workers: tuple[object, ...]
) -> None:
    out = conversion.output(tmp_path / "out")
    running = conversion.start(out, *workers)
    wait_until(lambda: jobs_done(ledger(out)) >= 1, running, within=120)
    running.process.send_signal(signal.SIGINT)
    code, err = running.end(within=60)
    assert code == INTERRUPTED, err
    assert "--resume" in err
    assert err.count("\n") == 1, err
    assert jobs_done(ledger(out)) < SHARDS
    assert conversion.run_here(out, "--resume") == COMPLETE
    conversion.check(out)


def test_overwrite_forgets_a_killed_run(conversion: Conversion, tmp_path: Path) -> None:
    out = killed(conversion, tmp_path / "out")
    assert conversion.run_here(out, "--overwrite") == COMPLETE
    conversion.check(out)


def test_only_the_same_settings_go_on(
    conversions: dict[str, Conversion], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest = conversions["ingest"]
    out = killed(ingest, tmp_path / "out")
    before = contents(out.parent)
    for option, word in {
        ("--codec", "small"): "codec was fast and is small",
        ("--duplicates", "last"): "duplicates was first and is last",
        ("--domain", "depth"): "domain was time and is depth",
        ("--inline-byte", "9"): "inline_byte was None and is 9",
    }.items():
        for options in (option, (*option, "--resume")):
            assert ingest.run_here(out, *options) == WRONG_INPUT
            refused(capsys.readouterr().err, out, word)
    assert contents(out.parent) == before
    assert ingest.run_here(out, "--resume") == COMPLETE
    ingest.check(out)


def test_only_the_same_survey_goes_on(
    conversions: dict[str, Conversion], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest = conversions["ingest"]
    survey = Path(str(ingest.command[1]))
    out = killed(ingest, tmp_path / "out")
    before, status = contents(out.parent), survey.stat()

    def touch() -> None:
        os.utime(survey)

    def flip() -> None:
        """Change one bit where no part of a fingerprint looks."""
        with survey.open("rb+") as file:
            file.seek(survey.stat().st_size // 3)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))

    changes: tuple[Callable[[], None], ...] = (touch, flip)
    for change in changes:
        change()
        assert ingest.run_here(out, "--resume") == WRONG_INPUT
        refused(capsys.readouterr().err, out, "source_sha256 was ")
    assert contents(out.parent) == before
    flip()
    os.utime(survey, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert ingest.run_here(out, "--resume") == COMPLETE
    ingest.check(out)


def test_only_the_same_volume_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = Variant(traces=lambda: grid_traces((200, 20, 4))).write(tmp_path / "in.sgy")
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    assert run(["ingest", str(source), str(volume)]) == COMPLETE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.restore.run_jobs", _interrupted)
        assert run(["export", str(volume), str(out)]) == INTERRUPTED
    Variant(traces=lambda: grid_traces((200, 20, 4)), form=Form(code=5)).write(source)
    assert run(["ingest", str(source), str(volume), "--overwrite"]) == COMPLETE
    for options in ((), ("--resume",)):
        capsys.readouterr()
        assert run(["export", str(volume), str(out), *options]) == WRONG_INPUT
        refused(capsys.readouterr().err, out, "digest was ")
    assert run(["export", str(volume), str(out), "--overwrite"]) == COMPLETE
    assert out.read_bytes() == source.read_bytes()


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_second_run_on_an_output_is_refused_and_disturbs_nothing(
    conversion: Conversion, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = conversion.output(tmp_path / "out")
    first = conversion.start(out)
    wait_until(lambda: jobs_done(ledger(out)) >= 1, first, within=120)
    first.process.send_signal(signal.SIGSTOP)  # so that it cannot end before the others look
    try:
        for option, word in {
            "": "",
            "--resume": "another run",
            "--overwrite": "another run",
        }.items():
            assert conversion.run_here(out, *filter(None, [option])) == WRONG_INPUT
            refused(capsys.readouterr().err, out, word)
    finally:
        first.process.send_signal(signal.SIGCONT)
        code, err = first.end(within=120)
    assert code == COMPLETE, err
    conversion.check(out)


def test_a_run_that_began_while_another_looked_is_not_disturbed(
    conversions: dict[str, Conversion],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ingest = conversions["ingest"]
    out = ingest.output(tmp_path / "out")
    begun: list[Running] = []

    def look_slowly(*arguments: Any, **options: Any) -> Any:
        first = ingest.start(out)
        begun.append(first)
        wait_until(lambda: jobs_done(ledger(out)) >= 1, first, within=120)
        first.process.send_signal(signal.SIGSTOP)
        return scan_files(*arguments, **options)

    monkeypatch.setattr("flows.survey_forms.scan_files", look_slowly)
    code = ingest.run_here(out)
    begun[0].process.send_signal(signal.SIGCONT)
    ends = begun[0].end(within=120)
    assert code == WRONG_INPUT
    refused(capsys.readouterr().err, out, "another run")
    assert ends == (COMPLETE, "")
    ingest.check(out)


def test_of_two_runs_that_begin_at_once_one_does_the_work(
    conversion: Conversion, tmp_path: Path
) -> None:
    for number, later in enumerate((0.0, 0.2)):
        out = conversion.output(tmp_path / str(number))
        first = conversion.start(out)
        time.sleep(later * conversion.before_s)
        ends = [running.end(within=120) for running in (conversion.start(out), first)]
        assert COMPLETE in [code for code, _ in ends], ends
        for code, err in ends:
            assert code in {COMPLETE, WRONG_INPUT}, err
            assert err.count("\n") == (code == WRONG_INPUT), err
        conversion.check(out)

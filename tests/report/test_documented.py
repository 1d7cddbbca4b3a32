"""`fixer report`: what templates state about their monitoring, kept between two markers of a README."""

from pathlib import Path

import pytest

from fixer.errors import BadConfig
from fixer.outputs import journal
from fixer.outputs.undo import undo
from fixer.report.monitoring import BEGIN, END
from fixer.run import commands as run

TEMPLATE = """\
Resources:
  Writer:
    Type: AWS::RDS::DBInstance
    Metadata:
      EnhancedMonitoring:
        Requirement: Enhanced Monitoring with 1-minute granularity
        MonitoringInterval: 60
    Properties:
      MonitoringInterval: 60
"""


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "db.yaml").write_text(TEMPLATE)
    file = tmp_path / "README.md"
    file.write_text("# Ours\n")
    return file


def test_markers_come_to_the_end_and_are_kept(readme: Path) -> None:
    run.documented(["lib"], "README.md")
    row = "| Writer | lib/db.yaml | Enhanced Monitoring with 1-minute granularity | 60 seconds |\n"
    first = readme.read_text()
    assert first.startswith(f"# Ours\n\n{BEGIN}\n| database |")
    assert first.endswith(f"{row}{END}\n")
    readme.write_text(first.replace("# Ours", "# Yours").replace(row, "| old |\n") + "\nMore.\n")
    run.documented(["lib"], "README.md")
    assert readme.read_text() == first.replace("# Ours", "# Yours") + "\nMore.\n"


def test_nothing_is_written_when_it_is_up_to_date_and_undo_takes_it_back(readme: Path) -> None:
    run.documented(["lib"], "README.md")
    runs = len(journal.history(readme.parent))
    run.documented(["lib"], "README.md")
    assert len(journal.history(readme.parent)) == runs == 1
    undo(journal.chosen(readme.parent))
    assert readme.read_text() == "# Ours\n"


def test_a_statement_that_is_not_true_is_told(readme: Path) -> None:
    file = readme.parent / "lib" / "db.yaml"
    stated, set_to = TEMPLATE.rsplit("60", 1)
    file.write_text(f"{stated}30{set_to}")
    assert "30 seconds, not the documented 60" in run.documented(["lib"], None)


def test_line_ends_are_those_of_the_file(readme: Path) -> None:
    readme.write_bytes(b"# Ours\r\n")
    run.documented(["lib"], "README.md")
    assert readme.read_bytes().count(b"\n") == readme.read_bytes().count(b"\r\n") > 3


@pytest.mark.parametrize("text", [BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_markers_that_make_no_sense_are_refused(readme: Path, text: str) -> None:
    readme.write_text(text)
    with pytest.raises(BadConfig, match="must contain"):
        run.documented(["lib"], "README.md")
    assert readme.read_text() == text


def test_a_readme_that_is_no_text_is_refused(readme: Path) -> None:
    readme.write_bytes(b"\xff")
    with pytest.raises(BadConfig, match="UTF-8"):
        run.documented(["lib"], "README.md")


def test_nothing_is_said_where_nothing_is_stated(readme: Path) -> None:
    (readme.parent / "lib" / "db.yaml").write_text(TEMPLATE.replace("EnhancedMonitoring", "Other"))
    assert run.documented(["lib"], None) == "No database documents a required monitoring.\n"

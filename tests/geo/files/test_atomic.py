"""What stands there is replaced only when told, and by nothing that is half done."""

import pickle
from pathlib import Path

import pytest

from geo.errors import FileRefusedError
from geo.files.atomic import (
    NotPartsError,
    OutputFolderError,
    OutputThereError,
    SameFileError,
    atomic_file,
    atomic_folder,
    check_out,
    scratch_folder,
)


def test_an_output_is_refused_before_any_work(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    path.touch()
    check_out(path, out, force=False)
    out.touch()
    check_out(path, out, force=True)
    with pytest.raises(OutputThereError):
        check_out(path, out, force=False)
    with pytest.raises(SameFileError):
        check_out(path, path, force=True)


@pytest.mark.parametrize("place", [atomic_file, atomic_folder, scratch_folder])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, place: type) -> None:
    with pytest.raises(OutputFolderError, match="nowhere"), place(tmp_path / "nowhere" / "out"):
        pass


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    for out, place in ((tmp_path / "a.csv", atomic_file), (tmp_path / "parts", atomic_folder)):
        if place is atomic_folder:
            out.mkdir()
            (out / "part-000000.csv").write_text("old", "utf-8")
        else:
            out.write_text("old", "utf-8")
        with pytest.raises(ZeroDivisionError), place(out):
            raise ZeroDivisionError
    assert (tmp_path / "a.csv").read_text("utf-8") == "old"
    assert (tmp_path / "parts" / "part-000000.csv").read_text("utf-8") == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "parts"]


def test_a_folder_of_parts_is_replaced_and_no_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text in ("first", "second"):
        with atomic_folder(out) as half:
            (half / "part-000000.csv").write_text(text, "utf-8")
    assert (out / "part-000000.csv").read_text("utf-8") == "second"
    (out / "precious").touch()
    with pytest.raises(NotPartsError, match="precious"), atomic_folder(out):
        pass
    assert (out / "precious").exists()


def test_an_error_of_ours_travels_between_processes() -> None:
    error = FileRefusedError(file="a.csv", problem="it is empty", problem_zh="是空文件")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(again) is FileRefusedError
    assert str(again) == str(error) == "File a.csv: it is empty"
    assert again.message("zh") == "文件 a.csv：是空文件"

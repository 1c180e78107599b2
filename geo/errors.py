"""What can go wrong, in the domain's words: a sentence in Chinese, one in English, and the values.

Families say whose move it is next; what an answer over HTTP or an exit code makes of a family
is decided in `api/http/errors.py` alone. Each sentence names what was wrong, with which value, and
what to do. A concrete error lives here when more than one module raises it, else beside its one
raiser.
"""

from typing import Any, ClassVar, Literal

Language = Literal["zh", "en"]


class BannerGridError(Exception):
    """Base of every error the product raises on purpose.

    Parameters
    ----------
    **values
        What fills the sentence's placeholders; kept as `values` for machines.
    """

    code: ClassVar[str] = "internal"
    zh: ClassVar[str] = "内部错误。"
    en: ClassVar[str] = "Internal error."

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Give the sentence in `language`, its placeholders filled."""
        template = self.zh if language == "zh" else self.en
        return template.format(**self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are made anew from their text; ours are made of values.
        return _restored, (type(self), self.__dict__)


def _restored(family: type[BannerGridError], state: dict[str, Any]) -> BannerGridError:
    error = family.__new__(family)
    error.__dict__.update(state)
    error.args = (error.message("en"),)
    return error


class InputError(BannerGridError):
    """What was given cannot be used: the giver must change it."""


class NotFoundError(BannerGridError):
    """What was asked for is not there."""


class ConflictError(BannerGridError):
    """What was asked would contradict what is already there."""


class StaleError(ConflictError):
    """What was asked is based on a state that has changed since it was read."""


class UnseenError(BannerGridError):
    """What was asked would change a state that the asker did not say to have seen."""


class GoneError(NotFoundError):
    """What was asked for was there and is kept no longer."""


class UnavailableError(BannerGridError):
    """Something the service needs is missing or not ready."""


class DiskFullError(UnavailableError):
    """A disk has no room for what was to be written; `where` names it."""

    code = "disk.full"
    zh = "磁盘已满，{where_zh}写不下，这一步没有完成，也没有留下半份文件。请清出空间后重试。"
    en = (
        "The disk is full: there is no room for {where}. This was not done, and no half of it was "
        "left behind. Free some space, then try again."
    )


class CrsError(InputError):
    """A frame came in another CRS than the one promised."""

    code = "crs.unexpected"
    zh = "坐标参考系是 {got}，此处需要 {wanted}。请先转换，或在文件中写明坐标参考系。"
    en = "The CRS is {got}; {wanted} is needed here. Convert it first or state it in the file."


class DatumError(InputError):
    """A datum was not named, or is not one we know."""

    code = "datum.unknown"
    zh = "坐标基准“{got}”无法识别，请写明其一：{known}。"
    en = "Datum {got!r} is not known; name one of: {known}."


class FrameError(InputError):
    """A table lacks a column, or holds what the column may not."""

    code = "frame.invalid"
    zh = "{frame}：{problem_zh}"
    en = "{frame}: {problem}"


class FileRefusedError(InputError):
    """A file cannot be read as what it should be."""

    code = "file.refused"
    zh = "文件 {file}：{problem_zh}"
    en = "File {file}: {problem}"


class MonthError(InputError):
    """A month is not written YYYY-MM, or is no month."""

    code = "month.invalid"
    zh = "“{got}”不是月份，请按“年-月”书写，例如 2026-10。"
    en = "{got!r} is not a month; write it as year-month, for example 2026-10."


class CodeError(InputError):
    """A code is not made as codes are."""

    code = "code.invalid"
    zh = "“{got}”不是网格编码：社区为 12 位数字，二级网格再加 3 位。"
    en = "{got!r} is not a grid code: 12 digits for a community, 3 more for a level-two grid."


class GridNotFoundError(NotFoundError):
    """No grid of that code at that time."""

    code = "grid.not_found"
    zh = "{at} 没有编码为 {grid} 的网格。/v1/grids 列出现有网格。"
    en = "There is no grid {grid} at {at}. /v1/grids lists those there are."


class EditionNotFoundError(NotFoundError):
    """No edition of that number, or none at all yet."""

    code = "edition.not_found"
    zh = (
        "没有第 {edition} 版网格。/v1/editions 列出已发布的版本；"
        "没有版本时请先执行 bannergrid territory load。"
    )
    en = (
        "There is no edition {edition}. /v1/editions lists those published; where there is none, "
        "run bannergrid territory load first."
    )

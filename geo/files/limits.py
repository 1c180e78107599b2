"""How large a file may be: looked at before anything of it is unpacked."""

from dataclasses import dataclass
from pathlib import Path

from geo.errors import FileRefusedError
from geo.settings import Settings


@dataclass(frozen=True)
class Limits:
    """The most that is read of a file; each is a setting, see `geo.settings`.

    Parameters
    ----------
    file_mb : int
        Of the file, and of what it holds once unpacked.
    columns, rows, cells : int
        `cells` of a sheet, or of a Parquet file that is read as a whole.
    memory_mb : int
        Of a process that reads it.
    """

    file_mb: int = 1024
    columns: int = 2_000
    rows: int = 100_000_000
    cells: int = 20_000_000
    memory_mb: int = 2_048

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Take what a site has set."""
        return cls(
            file_mb=settings.max_file_mb,
            columns=settings.max_columns,
            rows=settings.max_rows,
            cells=settings.max_cells,
            memory_mb=settings.file_memory_mb,
        )

    def check_size(self, path: Path, size: int, *, unpacked: bool = False) -> None:
        """Refuse a file of too many bytes.

        Raises
        ------
        FileRefusedError
        """
        if size <= self.file_mb << 20:
            return
        size_mb = -(-size >> 20)
        raise FileRefusedError(
            file=path.name,
            problem=f"it has {size_mb} MiB{' unpacked' * unpacked}, more than the {self.file_mb} "
            "allowed; split it or raise BANNERGRID_MAX_FILE_MB",
            problem_zh=f"{'解压后' * unpacked}大小为 {size_mb} MiB，超过上限 {self.file_mb}，"
            "请拆分或调高 BANNERGRID_MAX_FILE_MB",
        )

    def check_columns(self, path: Path, columns: int) -> None:
        """Refuse a table that is too wide."""
        self._check(
            path,
            columns,
            self.columns,
            ("columns", "列", "BANNERGRID_MAX_COLUMNS"),
            ("check the separator, split it", "检查分隔符、拆分"),
        )

    def check_rows(self, path: Path, rows: int) -> None:
        """Refuse a table that is too long."""
        self._check(path, rows, self.rows, ("rows", "行", "BANNERGRID_MAX_ROWS"))

    def check_cells(self, path: Path, cells: int) -> None:
        """Refuse a table of too many cells."""
        self._check(path, cells, self.cells, ("cells", "个单元格", "BANNERGRID_MAX_CELLS"))

    def check_sheet(self, path: Path, sheet: str, rows: int, columns: int) -> None:
        """Refuse a sheet that reaches too far right or down, by its cells that are used."""
        if columns > self.columns or rows * columns > self.cells:
            raise self.sheet_too_large(path, sheet, rows, columns)

    def sheet_too_large(self, path: Path, sheet: str, rows: int, columns: int) -> FileRefusedError:
        """Make the error that says how far a sheet reaches."""
        return FileRefusedError(
            file=path.name,
            problem=f"sheet {sheet!r} reaches to row {rows:,} and column {columns:,}, which is "
            f"{rows * columns:,} cells; {self.columns:,} columns and {self.cells:,} cells are "
            "allowed (BANNERGRID_MAX_COLUMNS, BANNERGRID_MAX_CELLS). Delete what stands far out, "
            "split it, or save it as CSV",
            problem_zh=f"工作表“{sheet}”一直用到第 {rows:,} 行、第 {columns:,} 列，共 "
            f"{rows * columns:,} 个单元格；上限为 {self.columns:,} 列、{self.cells:,} 个单元格"
            "（BANNERGRID_MAX_COLUMNS、BANNERGRID_MAX_CELLS）。请删除远处的单元格、拆分，"
            "或另存为 CSV",
        )

    def short_of_memory(self, path: Path) -> FileRefusedError:
        """Make the error that says that reading a file takes too much memory."""
        return FileRefusedError(
            file=path.name,
            problem=f"reading it takes more than the {self.memory_mb} MiB of memory allowed; "
            "split it, save it as CSV, or raise BANNERGRID_FILE_MEMORY_MB",
            problem_zh=f"读取所需内存超过上限 {self.memory_mb} MiB，请拆分、另存为 CSV，"
            "或调高 BANNERGRID_FILE_MEMORY_MB",
        )

    @staticmethod
    def _check(
        path: Path,
        count: int,
        most: int,
        what: tuple[str, str, str],
        mend: tuple[str, str] = ("split it", "拆分"),
    ) -> None:
        name, name_zh, setting = what
        if count > most:
            raise FileRefusedError(
                file=path.name,
                problem=f"it has {count:,} {name}, more than the {most:,} allowed; {mend[0]} or "
                f"raise {setting}",
                problem_zh=f"共 {count:,} {name_zh}，超过上限 {most:,}，请{mend[1]}或调高 "
                f"{setting}",
            )

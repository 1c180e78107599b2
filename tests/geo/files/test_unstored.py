"""Errors and formulas without a value come through from every form of workbook."""

import base64
import zipfile
import zlib
from datetime import date, time
from pathlib import Path

from geo.files.table import FileSource
from geo.files.tables import read
from geo.files.unstored import fill
from geo.intake import facts, headings

KNOWN = headings.known(facts.kind("households"))
# A sheet of Excel 97 to 2003 with #N/A, #REF!, a day, TRUE and a number of 19 digits.
OLD = (
    b"c-rllT}TvB6oAj2xiju={_OfwXkfCCmHCia)Qhh6=aY+OP-Ik^i-e`NL{O1GnNJZEJr%u3TM&e450+L?^wLA2)PoQN"
    b"n)nbt1x7un)46BvZadBjE|g%*S?1hx&b@cO`#X1b#zuV;eS>+Eut>^5g$2V6dR&a*<&HXDz<k3HW;Au-WjL~`#O=a~"
    b")HQgK_C7_-p_uPUP+)++K@IQ~uVc^-!M4^=!3xSAYC{7PZ74&{;2uWOA(vW}N%|D&EYeS?<V(^O6uCjV49iZiqc9o>"
    b"7VVa+_=w`CymS!veMWUYQ=|lP;GI~-oi~|TR)fm$>4r0_EF+(%LIiL^t3s`zu<&!>0q#$B7X099_Cph<(;+`hKsHW!"
    b"1b!F=0JG7({kp)3uWXzF#(!DkDNDp%IF*azw-pZ11;$C*D!urauIA>7sGGxml0~Z>#CqS=__K}yi`1h%5}c~zz&_j>"
    b"ZXXFoI?=p*Vc`07XhSn*j&?jej>%(6pt1xj6&@1ScA-jz+MxoJZYvSyPLDVo=wafuJWSGPlcl0=f(){KwAH-WkGV(R"
    b"KUO!^1Wr(-iw+R;nAs@$0|s=98dy1<a#CWth-z#leU<LIp6oo**|-ldEv(6r#(^FxbB%HfkyA?YDX=Nd-i&tdOzrdh"
    b"-l@PAwEL?jFJ<?S2l{ZYxUuz&emzjkirL*eLWTp;l*vcZ7t*=5$CFF(%C;NwEX{y<@Q~>vZF*vKSj<!8Sec%Ro*MHw"
    b"dOYT7=xH%eM^BejmVnBLD#lS$T+}Nc6tNCP<Orrm-iZ-Y%!--Ev6oNZDxl(gFk<3h&D27Dg&7gtb7h|K`>?M<u$2UC"
    b"h1lXX;uVdV7&*^al&Z)w@m$5iRcu_v##Iw=RpNSNpH(^1;{K|o&#Hy3TG*<Mt=iZ;0h<$hjU;elr%D2k(M7vB(bq9E"
    b"C!Wo1Y;I#~3D_F3)8u$-#2(^c8E?(fXU)RZY+TL8)faI^DV@08->%Gh{eyc2MYr@@w~V@OX@PEOfo^MoZfQZek_kg%"
    b"S>eI|M?Bz&BaS%Yh$D_HA&g!EfL@O{y-0#Q&du*S^LQ;dpGp2(IS6g|JCA=S_d_eDVYryo`dJGai{6VZvrhDTp^(E!"
    b"4?_zyQaf6bUcdMkg2ne|*%iHiZwn>MUr45%|Cs+9KD#j;"
)
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
CALC = 'xmlns:calc="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def rows(path: Path) -> list[list[object]]:
    return list(read(FileSource(path), known=KNOWN).cells.to_numpy(dtype=object).tolist())


def test_of_an_old_workbook(tmp_path: Path) -> None:
    path = tmp_path / "h.xls"
    path.write_bytes(zlib.decompress(base64.b85decode(OLD)))
    found = rows(path)
    assert [row[1] for row in found] == ["#N/A", date(2026, 3, 1), True, "301", 301, "301"]
    assert [row[3] for row in found] == ["否", "否", "否", "#REF!", "否", "否"]
    assert found[5][0] == float(1234567890123456789)


def cell(text: str, attributes: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_of_an_open_document(tmp_path: Path) -> None:
    error = 'table:formula="of:=X" calc:value-type="error"'
    cells = [
        cell("#N/A", f'{error} office:value-type="string" office:string-value=""'),
        cell("#DIV/0!", f'{error} office:value-type="float" office:value="0"'),
        '<table:table-cell table:formula="of:=[.A1]+1" table:number-columns-repeated="2"/>',
        cell("03-01", 'office:value-type="date" office:date-value="2026-03-01"'),
        cell("8:30", 'office:value-type="time" office:time-value="PT08H30M00S"'),
        cell("3", 'table:formula="of:=1+2" office:value-type="float" office:value="3"'),
    ]
    names = ["户号", "单元", "室", "人口", "登记日期", "重点人群", "经度"]
    blank = "<table:table-row table:number-rows-repeated='2'><table:table-cell/></table:table-row>"
    table = "".join(
        f"<table:table-row>{row}</table:table-row>{blank}"
        for row in ("".join(map(cell, names)), "".join(cells))
    )
    path = tmp_path / "h.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr(
            "content.xml",
            f"<office:document-content {SPACES} {CALC}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    formula = "=[.A1]+1"
    wanted = ["#N/A", "#DIV/0!", formula, formula, date(2026, 3, 1), time(8, 30), 3]
    assert rows(path) == [wanted]


def test_rows_of_nothing_else_are_put_back() -> None:
    grid: list[list[object]] = [["a", "b"]]
    fill(grid, {(3, 1): "#N/A", (4, 3): "=A1"}, start=(1, 0))
    assert grid == [["a", "b"], ["", ""], ["", "#N/A"], ["", "", "", "=A1"]]

"""What callers are told of pictures and reports where it is another thing than elsewhere."""

from api.messages import Sentence, Wanted

# Of one operation, by its id, where a name means another thing than elsewhere.
WANTED_OF: dict[tuple[str | None, str], Wanted] = {
    ("make_report", "kind"): Wanted(
        Sentence(
            "应取其一：report（报告网页）、book（地图册）、figures（数据表）",
            "it takes one of: report, book, figures",
        )
    ),
    ("make_report", "format"): Wanted(
        Sentence(
            "应取其一：html（report）、pdf（book）、xlsx、csv、gpkg（figures）",
            "it takes one of: html (report), pdf (book), xlsx, csv, gpkg (figures)",
        )
    ),
    ("heat_map", "of"): Wanted(
        Sentence(
            "应取其一：visits（走访）、gaps（未走访）、incidents（事件）",
            "it takes one of: visits, gaps, incidents",
        )
    ),
    ("heat_map", "format"): Wanted(
        Sentence(
            "应取其一：html、png、pdf、tif、json", "it takes one of: html, png, pdf, tif, json"
        )
    ),
    ("grids_map", "format"): Wanted(
        Sentence("应取其一：html、png、pdf", "it takes one of: html, png, pdf")
    ),
}
# The parameter that an error of the domain is about, by the error's code.
PARAMETER_OF: dict[str, str] = {"heat.bandwidth": "bandwidth_m", "heat.town": "town"}

"""Examples of files that are routed: what goes in, and what comes out."""

_CSV = "text/csv"
_LINES = "application/x-ndjson"
_PARQUET = "application/vnd.apache.parquet"

ASKED: dict[str, str] = {
    _CSV: (
        "id,longitude,latitude,category\r\n"
        "E1,108.7363,39.8336,city.heating\r\n"
        "E2,39.8336,108.7363,\r\n"
    ),
    _LINES: '{"id":"E1","longitude":108.7363,"latitude":39.8336,"category":"city.heating"}\n',
    # Shown by its first and last bytes only.
    _PARQUET: "PAR1…PAR1",
}
ROUTED_ROWS: dict[str, str] = {
    _CSV: (
        "id,longitude,latitude,category,grid_code,community_code,town_code,match,distance_m,rule,"
        "department,department_name,limit_h,edition,rule_set,problem,synthetic,attribution\r\n"
        "E1,108.7363,39.8336,city.heating,150625100001001,150625100001,150625100,inside,0,"
        "heating,o7,住房和城乡建设局,24,1,1,,true,合成边界\r\n"
        "E2,39.8336,108.7363,,,,,,,,,,,1,1,"
        '"latitude and longitude are exchanged (39.8336, 108.7363); swap them",true,合成边界\r\n'
    ),
    _LINES: (
        '{"id":"E1","longitude":108.7363,"latitude":39.8336,"category":"city.heating",'
        '"grid_code":"150625100001001","community_code":"150625100001","town_code":"150625100",'
        '"match":"inside","distance_m":0,"rule":"heating","department":"o7",'
        '"department_name":"住房和城乡建设局","limit_h":24,"edition":1,"rule_set":1,"problem":null,'
        '"synthetic":true,"attribution":"合成边界"}\n'
    ),
    _PARQUET: "PAR1…PAR1",
}

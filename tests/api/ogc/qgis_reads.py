"""Run by Debian's Python, which has PyQGIS: reads collections of an OGC API and prints what came.

Usage: qgis_reads.py ADDRESS TOKEN COLLECTION...
"""

import json
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsNetworkAccessManager, QgsVectorLayer


def read(address: str, name: str) -> dict[str, object]:
    uri = QgsDataSourceUri()
    uri.setParam("url", address)
    uri.setParam("typename", name)
    layer = QgsVectorLayer(uri.uri(False), name, "OAPIF")  # noqa: FBT003 - Qt takes no keyword
    if not layer.isValid():
        sys.exit(f"QGIS cannot open {name}: {layer.error().message()}")
    features = sorted(layer.getFeatures(), key=lambda each: each["code"])
    box = features[0].geometry().boundingBox()
    return {
        "rows": len(features),
        "crs": layer.crs().authid(),
        "first": [box.xMinimum(), box.yMinimum()],
    }


def main(address: str, token: str, *names: str) -> None:
    application = QgsApplication([], False)  # noqa: FBT003
    application.initQgis()
    QgsNetworkAccessManager.setRequestPreprocessor(
        lambda request: request.setRawHeader(b"Authorization", f"Bearer {token}".encode())
    )
    print(json.dumps({name: read(address, name) for name in names}))  # noqa: T201
    application.exitQgis()


main(*sys.argv[1:])

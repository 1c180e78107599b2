// MapLibre GL with what it needs here: tiles out of one archive, read by ranges.

import * as maplibregl from "maplibre-gl";
import { Protocol } from "pmtiles";

const protocol = new Protocol();
maplibregl.addProtocol("pmtiles", protocol.tile);

export default maplibregl;

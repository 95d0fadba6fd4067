"""The page on protocol coverage says what running nodes advertise."""

from kafka.protocol.metadata import ApiVersionsRequest

from cluster import ROOT
from wire import Wire


def advertised(port):
    with Wire(port) as wire:
        answer = wire.ask(ApiVersionsRequest, 3, client_software_name="wire", client_software_version="1")
    return {api.api_key: (api.min_version, api.max_version) for api in answer.api_keys}


def test_the_page_lists_what_is_served(cluster):
    listeners = {"broker": advertised(cluster.port), "controller": advertised(cluster.port + 100)}
    told, served = {}, {}
    for line in (ROOT / "docs" / "protocol.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 6 and cells[0].isdigit():
            told[int(cells[0])] = cells[5]
    for key in told:
        parts = []
        for name, apis in listeners.items():
            if key in apis:
                low, high = apis[key]
                parts.append(f"{name} {low}" if low == high else f"{name} {low}-{high}")
        served[key] = ", ".join(parts)
    assert told == served
    assert all(set(apis) <= set(told) for apis in listeners.values())

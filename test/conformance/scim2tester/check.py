"""Runs scim2-tester against the endpoint in URL with the token in TOKEN, and prints one JSON object per check."""

import json
import os

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

http = Client(base_url=os.environ["URL"], headers={"Authorization": "Bearer " + os.environ["TOKEN"]}, timeout=60)
for result in check_server(SyncSCIMClient(http)):
    print(
        json.dumps(
            {
                "check": " ".join(filter(None, [result.resource_type, result.title])),
                "status": result.status.name,
                "reason": result.reason or "",
                "data": repr(result.data)[:500],
            }
        )
    )

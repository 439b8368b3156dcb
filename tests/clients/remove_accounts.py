"""Removes every integrated AWS account, for recordings that begin without one."""
import support

ACCOUNTS = "/api/v2/integration/aws/accounts"

for account in support.api("GET", ACCOUNTS, support.keys()).body["data"]:
    answer = support.api("DELETE", f"{ACCOUNTS}/{account['id']}", support.keys())
    assert answer.status == 204, answer

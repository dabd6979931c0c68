"""The receipt on paper says what the server signed, and nothing can be smuggled into it."""

from __future__ import annotations

from tests.helpers.receipts import signed_receipt
from zhishiyun_client.app.printing import receipt_html
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.runtime.paths import resources


def test_the_page_holds_number_digest_and_signature() -> None:
    receipt = signed_receipt(receipt_id="rc-<b>1</b>")

    page = receipt_html(receipt, Speaker(resources() / "texts"))

    assert "rc-&lt;b&gt;1&lt;/b&gt;" in page
    assert receipt.signature in page
    assert receipt.digest() in page

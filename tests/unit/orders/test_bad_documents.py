"""Bad order documents: one clear sentence for each fault, at its place. Numbers are those of the bad-input tables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.errors import InvalidOrder
from oms.orders import Order, order_from_json, order_to_json, parse_order, parse_order_text
from oms.orders.raw import TEXT_LIMIT
from tests.unit.orders.documents import ADDRESS, EXAMPLE, ITEM, complaint, complaints, defaults, item_complaint, parsed


def refused_text(text: str | bytes) -> str:
    with pytest.raises(InvalidOrder) as caught:
        parse_order_text(text, defaults=defaults)
    return str(caught.value)


# ---- 48 to 56: the document as a whole ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON: line 1, column 1"),
        ("{", "no JSON: line 1, column 2"),
        ("null", "An order document is an object {…}, found null."),
        ("[]", "An order document is an object {…}, found a list."),
        ('"x"', "An order document is an object {…}, found a text."),
        (b"\xff\xfe{", "not UTF-8: byte 0"),
        (b"[" * 100_000, "nested more than 20 levels deep"),
        ("[" * 21 + "]" * 21, "nested more than 20 levels deep"),
        (" " * TEXT_LIMIT + "{}", "at most 256 KB"),
        ('{"data": NaN}', "NaN is no number"),
        ('{"data": {"x": 1e999}}', "/data/x: inf is no number"),
        ('{"data": {"x": -Infinity}}', "-Infinity is no number"),
        ('{"data": {"x": ' + "9" * 5_000 + "}}", "/data/x: is a number too large"),
        ('{"data": {"x": 9223372036854775808}}', "/data/x: is a number too large"),
        ('{"data": {"x": "\\ud800"}}', "/data/x: holds half a character"),
        ('{"\\udfff": 1}', "holds half a character"),
        ('{"reference": "A", "reference": "B"}', 'the key "reference" stands twice'),
    ],
)
def test_what_is_no_order_document_is_refused_as_a_whole(text: str | bytes, says: str) -> None:
    assert says in refused_text(text)


def test_what_could_not_be_stored_is_told_in_the_order_of_the_document() -> None:
    text = refused_text('{"data": {"a": [1e999, 1e999], "b": "\\ud800"}}')
    assert [line.split(":")[0] for line in text.splitlines()] == ["/data/a/0", "/data/a/1", "/data/b"]


def test_an_object_may_hold_as_much_text_as_a_file() -> None:
    assert len(parsed(items=[ITEM | {"name": "x" * 200}] * 700).lines) == 700

    where, says = complaint(items=[ITEM | {"name": "x" * 200}] * 1_400)

    assert where == ""
    assert says.startswith("the texts of the document have ")
    assert says.endswith(" characters together, at most 262,144 are taken.")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_order_text(b"\xef\xbb\xbf" + json.dumps(EXAMPLE).encode(), defaults=defaults) == parsed()


def test_an_empty_document_is_told_what_it_needs_once_each() -> None:
    assert list(complaints({})) == ["/reference", "/customer", "/billing_address", "/items"]


def test_all_faults_are_told_at_once() -> None:
    document = EXAMPLE | {"currency": "EURO", "items": [ITEM | {"quantity": 0}, ITEM | {"tax_rate": 19}], "customer": {"email": "x"}, "colour": "red"}
    assert set(complaints(document)) == {"/currency", "/items/0/quantity", "/items/1/tax_rate", "/customer/name", "/customer/email", ""}


@pytest.mark.parametrize(
    ("document", "where", "says"),
    [
        (EXAMPLE | {"state": "done"}, "", 'unknown key "state", did you mean "store"?'),
        (EXAMPLE | {"item": []}, "", 'unknown key "item", did you mean "items"?'),
        (EXAMPLE | {"customer": {"name": "J", "mail": "x"}}, "/customer", 'unknown key "mail", did you mean "email"?'),
        (EXAMPLE | {"payment": {"x": 1}}, "/payment", 'unknown key "x". Known: method, terms.'),
        (EXAMPLE | {"total": "84.70"}, "", 'unknown key "total"'),
    ],
)
def test_55_an_unknown_key_is_refused_with_the_one_that_was_meant(document: dict[str, Any], where: str, says: str) -> None:
    assert says in complaints(document)[where]


@pytest.mark.parametrize("items", [None, []])
def test_56_an_order_without_items_is_none(items: object) -> None:
    assert complaint(items=items) == ("/items", 'is missing: an order has at least one item, "items": [{"sku": …, "name": …, "quantity": 1, …}].')


def test_58_a_reference_of_an_item_is_used_once() -> None:
    assert complaint(items=[ITEM | {"ref": "a"}, ITEM | {"ref": "b"}, ITEM | {"ref": "a"}])[0] == "/items/2/ref"


@pytest.mark.parametrize("ref", ["2", "1.1", "2.10"])
def test_an_item_is_not_called_as_another_one_is_or_may_be_after_a_split(ref: str) -> None:
    where, says = complaint(items=[ITEM | {"ref": ref}, ITEM])
    assert where == "/items/0/ref"
    assert says == f'"{ref}" is how this order numbers its items: choose a ref that holds a letter, like "pos-{ref}".'


@pytest.mark.parametrize("ref", ["1", "3", "3.1", "02", "4711", "1.0", "1.1.1", "pos-2"])
def test_a_reference_that_no_item_is_numbered_by_may_be_a_number(ref: str) -> None:
    assert parsed(items=[ITEM | {"ref": ref}, ITEM]).lines[0].ref == ref


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("items", "CUP", "must be a list [{…}], found a text."),
        ("items", {"sku": "CUP"}, "must be a list [{…}], found an object."),
        ("items", [ITEM] * 2_001, "has 2001 entries, at most 2000"),
        ("customer", "Jana", "must be an object {…}, found a text."),
        ("shipping", [], "must be an object {…}, found a list."),
        ("data", [], "must be an object {…}, found a list."),
        ("reference", 1001, "must be a text, found a number."),
        ("prices", "brutto", 'must be one of gross, net, found "brutto".'),
        ("prices", ["gross"], 'must be one of gross, net, found ["gross"].'),
        ("locale", "klingon", '"klingon" is no known language: write it like "de" or "de_AT".'),
        ("store", "attic", "There is no such store. There are: main."),
        ("exchange_rate", "1.08", "goes with another currency than the store's, EUR: leave it out, or name one."),
        ("exchange_rate", "0.0", "must be more than 0"),
        ("exchange_rate", 1.08, "must be more than 0, a text"),
        ("exchange_rate", "1,08", 'found "1,08"'),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused(key: str, value: object, says: str) -> None:
    where, sentence = complaint(**{key: value})
    assert where == f"/{key}"
    assert says in sentence


def test_an_entry_of_a_list_that_is_no_object_is_refused() -> None:
    assert complaint(items=[ITEM, None]) == ("/items/1", "must be an object {…}, found null.")


def test_options_with_another_rate_count_as_lines() -> None:
    option = {"name": "Book", "price": "1.00", "tax_rate": "7"}
    assert complaint(items=[ITEM | {"options": [option]}] * 1_001) == (
        "/items",
        "make more than 2000 lines: options with another tax rate count as lines of their own.",
    )


@pytest.mark.parametrize("reference", ["A 1", "-rf", "a/b", "../x", "A\u00a01"])
def test_a_reference_that_could_not_stand_in_an_address_is_refused(reference: str) -> None:
    assert complaint(reference=reference)[0] == "/reference"


# ---- 75 to 93: quantity, money, tax ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", [0, 1.5, True, 1.0, "1", "1_0", 1e3, 1_000_001, [1], 2**62])
def test_75_a_quantity_is_strictly_a_whole_number(quantity: object) -> None:
    where, sentence = item_complaint(quantity=quantity)
    assert where == "/items/0/quantity"
    assert sentence.startswith("must be a whole number from 1 to 1000000, found ")


def test_75_a_negative_quantity_says_what_it_takes_back() -> None:
    assert item_complaint(quantity=-5) == (
        "/items/0/quantity",
        "is negative: only an item with return_of, which says what is taken back, may have a negative quantity.",
    )
    assert item_complaint(quantity=5, return_of="A-1")[1] == "must be a whole number from -1000000 to -1, found 5."


@pytest.mark.parametrize("price", ["NaN", "Infinity", "1e999", "1,50", "1_000", " 1 ", "1e5", "١٢٣", "+1", "--1", ""])
def test_76_78_a_price_is_plain_decimal_text(price: str) -> None:
    where, sentence = item_complaint(unit_price=price)
    assert where == "/items/0/unit_price"
    assert sentence.startswith("write the amount with a dot and without signs of thousands, like 1234.50. Found ")


@pytest.mark.parametrize("price", [39.9, 39, True, ["1"]])
def test_78_money_is_a_text(price: object) -> None:
    where, sentence = item_complaint(unit_price=price)
    assert where == "/items/0/unit_price"
    assert "money is a text" in sentence
    assert '"12.50"' in sentence


@pytest.mark.parametrize(
    ("store", "price", "says"), [("main", "1.005", "EUR has 2"), ("tokyo", "1.5", "JPY has none"), ("kuwait", "1.2345", "like 123.450")]
)
def test_80_more_decimals_than_the_currency_has_are_refused(store: str, price: str, says: str) -> None:
    item = {"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": price, "tax_rate": "10"}
    where, sentence = complaint(store=store, currency=None, items=[item], shipping=None, discounts=None)
    assert where == "/items/0/unit_price"
    assert says in sentence


@pytest.mark.parametrize("price", [10**30, 2**63])
def test_82_a_number_too_large_to_be_stored_is_refused(price: int) -> None:
    assert item_complaint(unit_price=price)[1] == "is a number too large to be stored."


def test_82_an_amount_too_large_is_refused() -> None:
    assert "largest amount" in item_complaint(unit_price="999999999999.00")[1]


def test_83_a_sum_too_large_is_refused() -> None:
    assert item_complaint(unit_price="99999999999.00", quantity=2) == ("/items", "sum to more than 100000000000.00 EUR, the largest amount.")


@pytest.mark.parametrize("currency", ["EURO", "eur", "XXX", "€", "", 978])
def test_84_a_currency_is_one_of_iso_4217(currency: object) -> None:
    where, sentence = complaint(currency=currency)
    assert where == "/currency"
    assert "is no currency of ISO 4217" in sentence


def test_a_currency_that_is_not_the_stores_needs_its_rate() -> None:
    where, sentence = complaint(currency="USD")
    assert where == "/exchange_rate"
    assert sentence == ('is missing: an invoice in USD says its tax in EUR, too; "exchange_rate": "1.0832" is: one EUR costs 1.0832 USD.')


@pytest.mark.parametrize("address", ["0204", "EM:", "x:1", "0204 991", "12:345"])
def test_an_electronic_address_names_its_scheme(address: str) -> None:
    where, sentence = complaint(customer={"name": "Jana Novak", "electronic_address": address})
    assert where == "/customer/electronic_address"
    assert sentence.startswith("must be its scheme and itself")


def test_the_scheme_of_an_electronic_address_stands_in_the_european_list() -> None:
    where, sentence = complaint(customer={"name": "Jana Novak", "electronic_address": "0206:991-12345-06"})
    assert where == "/customer/electronic_address"
    assert sentence.startswith("begins with 0206, which is no scheme of the European list (EAS): did you mean ")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("vatex-eu-ic", ': did you mean "VATEX-EU-IC"?'),
        ("VATEX-EU-132-1Z", ': did you mean "VATEX-EU-132-1Q"?'),
        ("VATEX-IC", ': did you mean "VATEX-EU-IC"?'),
        ("VATEX-NOBODY-KNOWS", "."),
    ],
)
def test_the_code_of_an_exemption_stands_in_the_european_list(code: str, meant: str) -> None:
    where, sentence = complaint(exemption={"code": code, "text": "Exempt"})
    assert where == "/exemption/code"
    assert sentence == (f'"{code}" stands in no list of the European standard (VATEX){meant} Where none fits leave the code out: the text is enough.')


@pytest.mark.parametrize("rate", [19, 0.19, "-7", "101", "19%", "1e1", "", "19.00001", True])
def test_88_a_tax_rate_is_percent_as_text(rate: object) -> None:
    where, sentence = item_complaint(tax_rate=rate)
    assert where == "/items/0/tax_rate"
    assert sentence.startswith('must be percent from 0 to 100 as a text, like "19" or "5.5", found ')


def test_88_a_tax_rate_must_be_said() -> None:
    assert item_complaint(tax_rate=None) == ("/items/0/tax_rate", 'is missing: add "tax_rate": "19".')


@pytest.mark.parametrize("amount", ["discount", "unit_price"])
def test_no_amount_of_an_item_is_negative(amount: str) -> None:
    assert item_complaint(**{amount: "-1.00"}) == (f"/items/0/{amount}", 'can\'t be negative, found "-1.00".')


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"discount": "83.81"}, "/items/0/discount", "is more than the line itself, which costs 83.80"),
        ({"tax_category": "X"}, "/items/0/tax_category", 'must be one of S, Z, E, K, AE, G, O, found "X".'),
        ({"tax_category": "E"}, "/items/0/tax_category", 'E goes with "tax_rate": "0" only.'),
        ({"tax_rate": "0", "tax_category": "S"}, "/items/0/tax_category", "S needs a tax_rate above 0"),
        ({"tax_rate": "0", "tax_category": "E"}, "/exemption", "is missing: tax category E needs the reason that is printed"),
        ({"options": [{"name": "Wrap", "price": "-1.00"}]}, "/items/0/options/0/price", "can't be negative"),
        ({"options": [{"price": "1.00"}]}, "/items/0/options/0/name", "is missing"),
        ({"bundle": {"id": "B", "name": "B", "price": "9.00"}, "discount": "1.00"}, "/items/0/discount", "lower the bundle's price"),
        ({"bundle": {"id": "B", "name": "B", "price": "9.00"}, "quantity": -1, "return_of": "A"}, "/items/0/bundle", "can't hold what is returned"),
    ],
)
def test_what_does_not_fit_an_item_is_refused(changes: dict[str, Any], where: str, says: str) -> None:
    found = complaints(EXAMPLE | {"items": [ITEM | changes], "discounts": []})
    assert list(found) == [where]
    assert says in found[where]


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"discounts": [{"amount": "83.81"}]}, "/discounts", "are 83.81, more than the goods, which cost 83.80"),
        ({"discounts": [{"amount": "1.00"}] * 21}, "/discounts", "at most 20"),
        ({"shipping": {"price": "1.00", "tax": "fixed"}}, "/shipping/tax_rate", "is missing"),
        ({"shipping": {"price": "1.00", "tax_rate": "7"}}, "/shipping/tax_rate", 'goes with "tax": "fixed" only'),
        ({"shipping": {"price": "-1.00"}}, "/shipping/price", "can't be negative"),
        ({"payment": {"terms": "soon"}}, "/payment/terms", 'like 14d or 2w; at most 365d. Found "soon".'),
        ({"payment": {"terms": "999d"}}, "/payment/terms", "at most 365d"),
        ({"payments": [{"method": "gift_card", "amount": "1.00", "reference": "X"}] * 2}, "/payments/1/reference", "stands twice"),
        ({"delivery_date": "2025-02-30"}, "/delivery_date", 'must be a day of the calendar, like "2026-11-24"'),
        ({"delivery_date": "20250203"}, "/delivery_date", "must be a day"),
        ({"delivery_date": "0000-01-01"}, "/delivery_date", "must be a day"),
        ({"delivery_date": "10000-01-01"}, "/delivery_date", "must be a day"),
        ({"delivery_date": 1e18}, "/delivery_date", "must be a day"),
        ({"exemption": {"code": "VATEX-EU-J"}}, "/exemption/text", "is missing"),
    ],
)
def test_what_does_not_fit_the_order_is_refused(changes: dict[str, Any], where: str, says: str) -> None:
    found = complaint(**changes)
    assert found[0] == where
    assert says in found[1]


def test_what_is_returned_is_nothing_to_take_a_voucher_from() -> None:
    items = [ITEM | {"options": []}, ITEM | {"options": [], "quantity": -2, "return_of": "A-0900"}]
    assert complaint(items=items, discounts=[{"amount": "79.81"}])[0] == "/discounts"
    assert len(parsed(items=items, discounts=[{"amount": "79.80"}]).lines) == 2


def test_items_of_one_bundle_agree_on_it() -> None:
    bundles = [{"id": "B", "name": "B", "price": price} for price in ("9.00", "8.00")]
    assert complaint(items=[ITEM | {"bundle": bundle} for bundle in bundles], discounts=[])[0] == "/items/1/bundle"


@pytest.mark.parametrize("vat_id", ["XX123456789", "EU123456789", "UK123456789", "12345"])
def test_a_vat_id_begins_with_a_country(vat_id: str) -> None:
    sentence = f'must begin with its country, like "DE123456788", found "{vat_id}".'
    assert complaint(customer={"name": "Jana", "vat_id": vat_id}) == ("/customer/vat_id", sentence)


@pytest.mark.parametrize("vat_id", ["EL123456789", "XI123456789", "GB123456789", "CHE123456789"])
def test_greece_northern_ireland_and_others_begin_as_they_do(vat_id: str) -> None:
    assert parsed(customer={"name": "Jana", "vat_id": vat_id}).customer.vat_id == vat_id


def test_reverse_charge_needs_the_buyers_vat_id() -> None:
    item = ITEM | {"tax_rate": "0", "tax_category": "AE", "options": []}
    assert complaint(items=[item], exemption={"text": "Reverse charge"})[0] == "/customer/vat_id"


def test_outside_of_tax_does_not_mix() -> None:
    item = ITEM | {"tax_rate": "0", "tax_category": "O", "options": []}
    assert complaint(items=[item, ITEM], exemption={"text": "Out of scope"})[0] == "/items"


def test_goods_outside_of_tax_are_sent_without_tax() -> None:
    """EN 16931, BR-O-11 to 14: what is outside of tax stands on no paper with anything else."""
    items = [ITEM | {"tax_rate": "0", "tax_category": "O", "options": []}]
    shipping = {"price": "4.90", "tax": "fixed"}
    assert complaint(items=items, shipping=shipping | {"tax_rate": "19"})[0] == "/shipping/tax_rate"
    assert parsed(items=items, shipping=shipping | {"tax_rate": "0"}).shipping is not None


# ---- 94 to 104: texts, addresses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a\0b", "a\r\nBcc: x", "a\nb", "a\x85b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\x1b[31m"])
def test_94_96_97_control_characters_are_refused(name: str) -> None:
    where, sentence = complaint(customer={"name": name})
    assert where == "/customer/name"
    assert "control character U+" in sentence
    assert sentence.isprintable()


def test_a_comment_may_have_lines_and_a_name_may_not() -> None:
    assert parsed(comment="one\r\ntwo\n").comment == "one\ntwo"


def test_97_101_texts_are_stored_composed_and_without_invisible_characters() -> None:
    assert parsed(customer={"name": "\ufeffJose\u0301\u200b "}).customer.name == "José"


@pytest.mark.parametrize(
    "name",
    ["👩‍👩‍👧‍👦 Familie", "محمد", "שלום 123", "李小龙", "Nguyễn Thị", "🇩🇪", "e" + "\u0323" * 10, "é" * 200, "👍🏽" * 200, "👩‍👧" * 200, "🇩🇪" * 200],
)
def test_98_names_of_every_script_are_accepted(name: str) -> None:
    assert parsed(customer={"name": name}).customer.name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x" + "\u0323" * 11, "more than 10 combining marks"),
        ("x" * 201, "longer than 200 characters"),
        ("é" * 201, "longer than 200 characters"),
        ("👍🏽" * 201, "longer than 200 characters"),
        ("x" * 10_000_000, "longer than 200 characters"),
        ("", "is empty"),
        (" \u00a0\u200b", "is empty"),
    ],
)
def test_98_100_what_is_no_name_is_refused(name: str, says: str) -> None:
    where, sentence = complaint(customer={"name": name})
    assert where == "/customer/name"
    assert says in sentence


@pytest.mark.parametrize(
    ("country", "says"),
    [
        (None, 'is missing: add "country": "DE".'),
        ("UK", 'write "GB"'),
        ("XX", "is no country"),
        ("de", "two capital letters"),
        ("EU", "is no country"),
        (49, "49 is no"),
    ],
)
def test_102_an_address_has_a_country_of_iso_3166(country: object, says: str) -> None:
    where, sentence = complaint(billing_address=ADDRESS | {"country": country})
    assert where == "/billing_address/country"
    assert says in sentence


@pytest.mark.parametrize("missing", ["name", "street", "postcode", "city"])
def test_102_an_address_is_complete(missing: str) -> None:
    assert complaint(shipping_address=ADDRESS | {missing: None})[0] == f"/shipping_address/{missing}"


@pytest.mark.parametrize(
    "email",
    ["a@b.de,evil@x.de", "a@b.de\r\nBcc: e@x", "Name <a@b.de>", "a b@c.de", "@b.de", "a@", "a@b..de", "ä@b.de", '"a"@b.de', "", 5, "a@" + "b" * 300],
)
def test_104_a_mail_address_is_one_plain_address(email: object) -> None:
    where, sentence = complaint(customer={"name": "Jana", "email": email})
    assert where == "/customer/email"
    assert sentence.startswith("must be one plain mail address, like jana@example.com, found ")
    assert sentence.isprintable()


@pytest.mark.parametrize("email", ["jana@example.com", "j.n+shop@bücher.example", "o'neil@x.org", "jana@localhost"])
def test_104_plain_addresses_are_accepted(email: str) -> None:
    assert parsed(customer={"name": "Jana", "email": email}).customer.email == email


@pytest.mark.parametrize("vat_id", ["123456788", "D1", "DE12345678812345678901234", "DE<script>"])
def test_a_vat_id_begins_with_its_country(vat_id: str) -> None:
    assert complaint(customer={"name": "Jana", "vat_id": vat_id})[0] == "/customer/vat_id"


def test_no_message_echoes_more_than_80_escaped_characters() -> None:
    payload = "<b>\u202e\x1b[31m" * 100
    document = dict.fromkeys(EXAMPLE, payload) | {
        payload: 1,
        "items": [{"sku": "A", "name": "B", "quantity": payload, "unit_price": payload, "tax_rate": payload}],
    }
    for where, sentence in complaints(document | {"data": {payload: 1e999}}).items():
        assert len(where) < 100
        assert sentence.isprintable()
    for sentence in complaints(document).values():
        assert sentence.isprintable()
        assert len(sentence) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["S", "EUR", "12.50", "19", "DE", "14d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*EXAMPLE, *ITEM, *ADDRESS, "x"]), inner, max_size=6),
    max_leaves=30,
)


def outcome(document: object) -> Order | InvalidOrder:
    try:
        return parse_order(document, defaults=defaults)
    except InvalidOrder as error:
        return error


@given(JSON, st.sampled_from(list(EXAMPLE)))
def test_whatever_comes_is_an_order_or_refused_with_sentences(value: Any, key: str) -> None:
    for document in (value, EXAMPLE | {key: value}, EXAMPLE | {"items": [ITEM | {"bundle": value, "options": value, "quantity": value}]}):
        result = outcome(document)
        if isinstance(result, InvalidOrder):
            assert result.problems
            assert all(problem.sentence.endswith((".", "?")) for problem in result.problems)
        else:
            assert order_from_json(order_to_json(result)) == result

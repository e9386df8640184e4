"""Numbers as the world writes them."""

from __future__ import annotations

from tests.corpus.case import Case, Reads, reads, text


def _late(odd: str) -> bytes:
    return ("n,t\n" + "".join(f"{row},x\n" for row in range(200_000)) + f"{odd},y\n").encode()


CASES = (
    text("thousands with commas", 'n\n"1,234.50"\n"20.00"\n', reads("thousands", n=[1234.5, 20.0])),
    text("decimal commas", "n;t\n1.234,50;x\n20,00;y\n", reads("decimal comma", n=[1234.5, 20.0], t=["x", "y"])),
    text(
        "decimal commas of three places after semicolons",
        "t;preis\nx;1,459\ny;1,529\nz;1,689\n",
        reads("thousands marks would fit as well", t=["x", "y", "z"], preis=[1.459, 1.529, 1.689]),
    ),
    text(
        "thousands with commas and nothing else to tell",
        'n,t\n"1,234",x\n"2,500",y\n',
        reads("a decimal comma would fit as well", n=[1234, 2500], t=["x", "y"]),
    ),
    text(
        "thousands or fractions told by another column",
        "a;b\n1,5;1.234\n2,25;2.500\n",
        reads("decimal comma", "points are read as thousands marks", a=[1.5, 2.25], b=[1234, 2500]),
    ),
    text(
        "fractions below one in a file with commas",
        "a;b\n1,5;0.125\n2,25;0.250\n",
        reads("decimal comma", a=[1.5, 2.25], b=[0.125, 0.25]),
    ),
    text(
        "thousands with spaces",
        "n;t\n1 234,5;x\n12 000,25;y\n",
        reads("decimal comma", n=[1234.5, 12000.25], t=["x", "y"]),
    ),
    text(
        "a space for thousands and three decimals",
        "n;t\n1 234,567;x\n12 000,125;y\n",
        reads("decimal comma", n=[1234.567, 12000.125], t=["x", "y"]),
    ),
    text(
        "thousands with hard and narrow spaces",
        "n;t\n1\u00a0234;x\n2\u202f500;y\n",
        reads("thousands", n=[1234, 2500], t=["x", "y"]),
    ),
    text(
        "thousands with apostrophes", "n;t\n1'234.50;x\n20.00;y\n", reads("thousands", n=[1234.5, 20.0], t=["x", "y"])
    ),
    text(
        "thousands as in India",
        'n,t\n"12,34,567.50",x\n"1,00,000.00",y\n',
        reads("thousands", n=[1234567.5, 100000.0], t=["x", "y"]),
    ),
    text("groups that are no thousands", 'n,t\n"12,34",x\n"1,2,3",y\n', reads(n=["12,34", "1,2,3"], t=["x", "y"])),
    text(
        "a chosen decimal mark",
        'n,t\n"1,234",x\n"2,500",y\n',
        reads("decimal comma", n=[1.234, 2.5], t=["x", "y"]),
        decimal=",",
    ),
    text(
        "a chosen thousands mark",
        "n;t\n1.234;x\n2.500;y\n",
        reads("thousands", n=[1234, 2500], t=["x", "y"]),
        thousands=".",
    ),
    text(
        "no thousands marks, by choice",
        'n,t\n"1,234",x\n"2,500",y\n',
        reads("decimal comma", n=[1.234, 2.5], t=["x", "y"]),
        thousands="",
    ),
    text("dollars", 'n,t\n"$1,200.50",x\n-$35.00,y\n', reads("currency", n=[1200.5, -35.0], t=["x", "y"])),
    text(
        "euros behind the number", "n;t\n1.200,50 €;x\n35,00 €;y\n", reads("currency", n=[1200.5, 35.0], t=["x", "y"])
    ),
    text(
        "currencies by their code",
        "n;t\nCHF 1'200.50;x\nCHF 35.00;y\n",
        reads("currency", n=[1200.5, 35.0], t=["x", "y"]),
    ),
    text(
        "kroner, reais and zloty",
        "a;b;c\n10,50 kr;R$ 1,25;3,50 zł\n20,75 kr;R$ 2,50;4,25 zł\n",
        reads("currency", a=[10.5, 20.75], b=[1.25, 2.5], c=[3.5, 4.25]),
    ),
    text(
        "two currencies in one column",
        "n,t\n$1,x\n€2,y\n$3,z\n",
        reads("not all written alike", n=["$1", "€2", "$3"], t=["x", "y", "z"]),
    ),
    text(
        "a currency sign inside a number",
        "n,t\n12$34,x\n5%6,y\n7,z\n",
        reads(n=["12$34", "5%6", "7"], t=["x", "y", "z"]),
    ),
    text("per cent", "n,t\n12.5%,x\n80 %,y\n", reads("per cent", n=[12.5, 80.0], t=["x", "y"])),
    text(
        "per cent in some cells only",
        "n,t\n12.5%,x\n0.8,y\n",
        reads("not all written alike", n=["12.5%", "0.8"], t=["x", "y"]),
    ),
    text(
        "losses in parentheses",
        'n,t\n"(1,234.50)",x\n20.00,y\n($5.00),z\n',
        reads("not all written alike", n=["(1,234.50)", "20.00", "($5.00)"], t=["x", "y", "z"]),
    ),
    text(
        "losses in parentheses, plain",
        'n,t\n"(1,234.50)",x\n20.00,y\n',
        reads("parentheses", n=[-1234.5, 20.0], t=["x", "y"]),
    ),
    text(
        "losses in parentheses with a currency",
        'n,t\n"($1,234.50)",x\n$20.00,y\n',
        reads("parentheses", n=[-1234.5, 20.0], t=["x", "y"]),
    ),
    text(
        "only numbers in parentheses",
        "n,t\n(1),x\n(2),y\n",
        reads("not all written alike", n=["(1)", "(2)"], t=["x", "y"]),
    ),
    text("a minus behind the number", "n,t\n12.5-,x\n20.0,y\n", reads("minus", n=[-12.5, 20.0], t=["x", "y"])),
    text("a typographic minus", "n,t\n\u221212.5,x\n20.0,y\n", reads("minus", n=[-12.5, 20.0], t=["x", "y"])),
    text(
        "plus signs and powers of ten", "n,t\n+1.5,x\n1e3,y\n2E-2,z\n", reads(n=[1.5, 1000.0, 0.02], t=["x", "y", "z"])
    ),
    text("leading zeros", "plz,n\n01234,1\n99999,2\n", reads("begin with a zero", plz=["01234", "99999"], n=[1, 2])),
    text(
        "a zero that is only a zero",
        "n,x\n0,0.5\n0,-0.5\n5,00\n",
        reads("begin with a zero", n=[0, 0, 5], x=["0.5", "-0.5", "00"]),
    ),
    text(
        "numbers longer than a float can hold",
        "id,n\n9007199254740993,1\n1,2\n",
        reads("too long", id=["9007199254740993", "1"], n=[1, 2]),
    ),
    text(
        "a long number among fractions",
        "x,n\n9007199254740993,1\n1.5,2\n",
        reads("too long", x=["9007199254740993", "1.5"], n=[1, 2]),
    ),
    text(
        "a long number with thousands marks",
        'x,n\n"9,007,199,254,740,993",1\n"1,234",2\n',
        reads("too long", x=["9,007,199,254,740,993", "1,234"], n=[1, 2]),
    ),
    text(
        "card numbers",
        "card,n\n4111111111111111,1\n5500000000000004,2\n",
        reads(card=[4111111111111111, 5500000000000004], n=[1, 2]),
    ),
    text(
        "numbers of thirty digits",
        f"id,n\n{'12345' * 6},1\n{'54321' * 6},2\n",
        reads("too long", id=["12345" * 6, "54321" * 6], n=[1, 2]),
    ),
    text(
        "infinities",
        "x,n\ninf,1\n-Infinity,2\n1.5,3\n1e999,4\n",
        reads("3 infinite values", x=[None, None, 1.5, None], n=[1, 2, 3, 4]),
    ),
    text(
        "the smallest and largest floats",
        "x,n\n5e-324,1\n1.7976931348623157e308,2\n-0.0,3\n",
        reads(x=[5e-324, 1.7976931348623157e308, -0.0], n=[1, 2, 3]),
    ),
    text(
        "words for nothing among numbers",
        "n,t\n1,x\nNA,y\n-,z\n?,u\nn/a,v\n..,w\n—,q\n",
        reads(
            "read as missing: 6 cells", n=[1, None, None, None, None, None, None], t=["x", "y", "z", "u", "v", "w", "q"]
        ),
    ),
    Case(
        name="a word after 200,000 numbers",
        content=lambda: _late("soon"),
        then=Reads(
            shape=(200_001, 2),
            cells={(0, "n"): "0", (200_000, "n"): "soon"},
            notes=("1 of 200,001 cells is not a number, such as 'soon'",),
        ),
    ),
    Case(
        name="a fraction after 200,000 whole numbers",
        content=lambda: _late("0.5"),
        then=Reads(shape=(200_001, 2), cells={(7, "n"): 7.0, (200_000, "n"): 0.5}),
    ),
    text("digits of other scripts", "n,t\n١٢٣,x\n٤٥٦,y\n", reads(n=["١٢٣", "٤٥٦"], t=["x", "y"])),
    text(
        "digits of other scripts with marks",
        'n,t\n"١,٢٣٤",x\n"$٤",y\n1,z\n2,u\n3,v\n',
        reads("not", n=["١,٢٣٤", "$٤", "1", "2", "3"], t=["x", "y", "z", "u", "v"]),
    ),
    text(
        "hexadecimals and underscores", "a,b\n0x1A,1_000\n0xFF,2_000\n", reads(a=["0x1A", "0xFF"], b=["1_000", "2_000"])
    ),
    text("units behind numbers", "a,n\n12 km,1\n15 km,2\n", reads(a=["12 km", "15 km"], n=[1, 2])),
    text(
        "telephone numbers",
        "phone,n\n+49 30 123456,1\n030 123-456,2\n",
        reads(phone=["+49 30 123456", "030 123-456"], n=[1, 2]),
    ),
    text(
        "versions and addresses",
        "v,ip\n1.2.3,10.0.0.1\n1.10.0,192.168.0.1\n",
        reads(v=["1.2.3", "1.10.0"], ip=["10.0.0.1", "192.168.0.1"]),
    ),
    text(
        "an address that looks like thousands",
        "ip,n\n192.168.100.101,1\n127.100.100.100,2\n10.0.0.1,3\n",
        reads("not", ip=["192.168.100.101", "127.100.100.100", "10.0.0.1"], n=[1, 2, 3]),
    ),
)

"""Expressions that try to get out, and expressions that try to use everything up."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from layers.expressions import Budget, DateTime, ExpressionError, compile_expression

SCOPE = {
    "item": {
        "id": 7,
        "name": "Ada",
        "list": [3, 1, 2],
        "body": {"a": 1},
        "long": "a" * 20_000,
        "many": list(range(400)),
    },
    "items": [{"id": 1}, {"id": 2}],
    "now": DateTime.from_timestamp(1_700_000_000.0),
}

ESCAPES = r"""
().__class__
().__class__.__bases__[0].__subclasses__()
"".__class__.__mro__[1].__subclasses__()
item.__class__
item.__dict__
item.__init__.__globals__
item.name.__class__
item.list.__class__.__base__
item.list.__len__()
item.get.__self__
item.get.__func__
item.get.__globals__
items.__getitem__(0)
now.__class__
now.moment
now.moment.__class__
now.instant
now.__reduce__()
now.astimezone
len.__self__
len.__globals__
len.body
upper.__globals__["run"]
lower.__code__
sum.__module__
str.__class__
str.mro()
str.format("{0.__class__}", item)
"{0.__class__}".format(item)
"{0.__class__.__init__.__globals__}".format(item)
"{item.__class__}".format_map({"item": item})
"%s" % item
"%(x)s" % item
"%1000000000d" % 7
f"{item.__class__}"
f"{item.name.__class__.__mro__}"
f"{item!r}"
f"{item!a}"
f"{item.id:{item.id}}"
f"{item.id:>{10**9}}"
f"{item.id:>1000000000}"
f"{item.id:.999999999f}"
f"{item.id:c}"
f"{item.id:n}"
f"{item:__class__}"
f"{().__class__}"
f"{(lambda: 1)()}"
f"{(x := 1)}"
f"{now:%1000000000Y}"
f"{now:%n%E}"
f"{__import__('os')}"
__import__("os")
__import__("os").system("id")
__builtins__
__builtins__["eval"]
__name__
__file__
__loader__
__spec__
__debug__
eval("1+1")
exec("1")
compile("1", "", "eval")
open("/etc/passwd")
input()
globals()
locals()
vars()
dir()
dir(item)
getattr(item, "name")
setattr(item, "a", 1)
delattr(item, "a")
hasattr(item, "__class__")
object()
type("X", (), {})
type(item).mro()
type(item)()
super()
classmethod(len)
property(len)
breakpoint()
help()
exit()
quit()
print(1)
memoryview(b"a")
bytearray(10**9)
bytes(10**9)
callable(len)
iter(item)
next(item)
id(item)
hash(item)
map(len, items)
filter(len, items)
reduce(len, items)
isinstance(item, object)
issubclass(item, object)
frozenset(items)
set(items)
dict(a=1)
tuple(items)
chr(65)
ord("a")
format(1, ">10")
repr(item)
ascii(item)
slice(1, 2)
pow(2, 3)
divmod(1, 2)
ｅval("1")
__ｉmport__("os")
ｏpen("/etc/passwd")
item.＿＿class＿＿
item.__ｃlass__
＿＿builtins＿＿
item.__ᶜlass__
item.𝓁𝑖𝓈𝓉.append(1)
lambda: 1
(lambda: 1)()
(lambda f: f(f))(lambda f: f(f))
sorted(items, key=lambda x: x.id)
(x := 5)
[x := 5, x]
[y := 1 for x in items]
[x for x in items if (y := x)]
await item
[await x for x in items]
(yield 1)
(yield from items)
[x async for x in items]
import os
from os import system
import os; os.system("id")
1; 2
x = 1
item.id = 2
item["id"] = 2
del item
assert False
raise Exception
def f(): pass
class X: pass
while True: pass
for x in items: x
with open("x") as f: f
try: 1
return 1
global item
pass
@item
*items
[*items]
{**item}
len(*items)
pick(**item)
pick(item, **{"a": 1})
{1, 2}
{x for x in items}
b"bytes"
b"a" + b"b"
1j
3 + 4j
(-8) ** 0.5
...
Ellipsis
NotImplemented
item @ item
1 << 100
1 >> 1
1 & 1
1 | 1
1 ^ 1
~1
item | upper
item & items
(x for x in items).gi_frame
(x for x in items).gi_frame.f_back.f_globals
(x for x in items).gi_code
(x for x in items).send(None)
(x for x in items).throw(1)
(x for x in items).close()
[x for x in items].append(1)
[x for x in (x for x in items).gi_frame.f_locals]
[x for item.name in items]
[x for items[0] in items]
[x for *x, y in items]
[x for x in items][0].__class__
[__class__ for __class__ in items]
[x for x in items] and x
[x for x in x]
[[y for y in items] for x in y]
{x: 1 for x in [1, 2]}
{None: 1}
{1: 2}
{"a": 1}[1]
item[0]
item[None]
item[items]
item[True]
items["0"]
items[0.5]
items[True]
items[::0]
items["a":]
item.name["x"]
item.id.real
item.id.bit_length()
item.id.to_bytes(1, "big")
item.id.numerator
item.name.encode()
item.name.encode("idna")
item.name.translate({97: "b"})
item.name.maketrans("a", "b")
item.name.expandtabs(10**9)
item.name.format(1)
item.list.append(1)
item.list.sort()
item.list.extend(items)
item.list.clear()
item.list.insert(0, 1)
item.list.pop()
item.list.__setitem__(0, 1)
item.pop("id")
item.update({"id": 9})
item.setdefault("x", 1)
item.popitem()
item.clear()
item.fromkeys([1])
item.copy()
item.get()
item.get(1)
item.get("a", "b", "c")
item.get(key="a", value=1)
item.nothing
item.body.nothing.more
nothing
item.name.nothing
items.id
None.x
None()
1()
"a"()
item()
item.list[0]()
(len)("a")()
[len][0]("a")
{"f": len}["f"]("a")
(len or 1)("a")
(len if 1 else 2)("a")
1 is 1
item is item
"a" is "a"
"a" < 1
None < 1
item < item
item.list < item.list
True < 2
now < "2025"
now - now
now + 1
1 + "a"
"a" - "b"
"a" / 2
"a" % 2
item + item
item * 2
"a" * "b"
"a" * 1.5
-"a"
-item
+None
not_a_name or 1
1 / 0
1 // 0
1 % 0
0 ** -1
1e999
-1e999
1e308 * 10
1e308 + 1e308
float("inf")
float("nan")
float("-Infinity")
int("Infinity")
number("NaN")
json_parse("NaN")
json_parse("[1,")
json_parse("{'a': 1}")
json_parse("\ud800")
"\ud800"
"a" in 1
1 in "a"
1 in 2
sum(["a"])
sum("abc")
min([])
max([1, "a"])
sorted([1, "a"])
sorted([{}, []])
sorted(1)
len(1)
range(1, 10, 0)
chunk([1], 0)
chunk([1], -1)
zip(1)
flatten(1)
flatten([1], depth=1000000)
upper(1)
upper()
upper("a", "b")
upper(text="a", other="b")
upper("a", text="b")
pad_left("a", 3, "")
pad_left("a", 3, "xy")
truncate("abc", -1)
split("a", "")
round(1.5, 10**6)
b64_decode("%%%")
b64_decode("/w==")
parse_date("yesterday")
parse_date("2025-13-45")
parse_date("0001-01-01")
parse_date("1", format="%Y%Y%Y")
parse_date("1", format="%d%d")
parse_date("x", format="%")
parse_date("x", "../../etc/passwd")
to_zone(now, "../../../etc/passwd")
to_zone(now, "/etc/localtime")
to_zone(now, "Mars/Olympus")
to_zone(now, "")
to_zone(now, "\0")
format_date(now, "%1000000000d")
format_date(now, "%")
format_date(now, "%E")
add_time(now, years=10**8)
add_time(now, days=10**12)
add_time(now, days=0.5)
add_time(now, eons=1)
add_time(now, 1)
date_diff(now, now, "moons")
from_timestamp(10**15)
from_timestamp(1e300)
start_of(now, "eon")
matches("a", "(")
matches("a", "(?=a)")
matches("a", "(?<=a)b")
matches("a", r"(a)\1")
matches("a", "a{99999}")
matches("a", "\bword")
regex_replace("a", "(a)", r"\9")
regex_replace("a", "(a)", r"\g<__class__>")
uuid()
random()
env("HOME")
os.environ
sys.modules
secrets
"unclosed
(1
[1
{"a": 1
1)
1 +
a b
a..b
a.
.a
item..name
item.1
$json.name
item?.name
item->name
item => item
a && b
a || b
!a
a === b
new Date()
function() { return 1 }
this.constructor.constructor("return process")()
constructor.constructor("return 1")()
{{ 7*7 }}
{% for x in y %}
${7*7}
#{7*7}
<%= 7*7 %>
0777
1__0
0x
1e
'a' 'b' c
print 1
exec "1"
`id`
"\N{no such name}"
"\x"
""".strip().splitlines()

BOMBS = [
    "9 ** 9 ** 9",
    "9 ** 9 ** 9 ** 9",
    "2 ** 100000",
    "(2 ** 4000) * (2 ** 4000)",
    "10 ** 400 * 10 ** 400 * 10 ** 400 * 10 ** 400",
    "2.0 ** 10 ** 5",
    "(10 ** 300) ** (10 ** 300)",
    "(-2) ** (10 ** 1000)",
    "1 ** (2 ** 4000) + 2 ** 5000",
    "0xf" + "f" * 9_000,
    "9" * 9_000,
    "9" * 4_200,
    "int('9' * 5000)",
    "number('9' * 3000)",
    "float('9' * 1500)",
    "round(1e308 * 1.0, -30) * 1e308",
    "'a' * 10 ** 9",
    "10 ** 9 * 'a'",
    "'a' * 10 ** 30",
    "[0] * 10 ** 9",
    "[[0] * 10 ** 4] * 10 ** 9",
    "('a' * 5000000) * 5000000",
    "item.long * 20000",
    "item.long.replace('a', item.long)",
    "item.long.replace('', item.long)",
    "replace(item.long, 'a', item.long)",
    "item.long.join([item.long] * 1000)",
    "join([item.long] * 3000, item.long)",
    "item.long.join(item.many)",
    "'x'.ljust(10 ** 9)",
    "'x'.rjust(10 ** 9, '0')",
    "'x'.center(10 ** 9)",
    "'x'.zfill(10 ** 9)",
    "pad_left('x', 10 ** 9)",
    "pad_right('x', 10 ** 18)",
    "truncate(item.long * 400, 10 ** 7, item.long)",
    "range(10 ** 9)",
    "range(10 ** 18)",
    "range(-10 ** 18, 10 ** 18)",
    "range(0, -10 ** 18, -1)",
    "sum(range(10 ** 8))",
    "list(item.long * 100)",
    "[x for x in item.long * 100]",
    "[0 for a in range(400) for b in range(400) for c in range(400)]",
    "[[[0 for a in item.many] for b in item.many] for c in item.many]",
    "sum(sum(sum(a for a in item.many) for b in item.many) for c in item.many)",
    "any(a == -1 for a in item.many for b in item.many for c in item.many)",
    "len([a for a in item.many for b in item.many])",
    "{str(a) + str(b): 1 for a in item.many for b in item.many}",
    "sorted([a * b for a in item.many for b in item.many])",
    "[sorted(item.many) for a in item.many for b in item.many]",
    "[sorted(range(900)) for a in range(900)]",
    "[reversed(item.many) for a in item.many for b in item.many]",
    "[item.long + str(a) for a in range(9000)]",
    "[item.long[1:] for a in range(9000)]",
    "[item.long.upper() for a in range(9000)]",
    "[f'{item.long}{a}' for a in range(9000)]",
    "[item.many + [a] for a in range(90000)]",
    "[item.many[a:] for a in range(90000)]",
    "[item.long] * 300",
    "[[[[item.many] * 50] * 50] * 50] * 50",
    "[[[[[[[[[0] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9",
    "[[[[[[[[[[]] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9",
    "str([[[[[[[[[0] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9)",
    "json_dump([[[[[[[[[0] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9)",
    "json_dump([[[[[[[[item.many] * 9] * 9] * 9] * 9] * 9]]], indent=True)",
    "f'{[[[[[[[item.long] * 9] * 9] * 9] * 9] * 9] * 9]}'",
    "[[[[[[[[[0]*9]*9]*9]*9]*9]*9]*9]*9]*9 == [[[[[[[[[0]*9]*9]*9]*9]*9]*9]*9]*9]*9",
    "[[[[[[[0]*9]*9]*9]*9]*9]*9] in [[[[[[[[0]*9]*9]*9]*9]*9]*9]]",
    "unique([[[[[[[[[0] * 9] * 9] * 9] * 9] * 9] * 9] * 9] * 9])",
    "flatten([[[[[[[item.many] * 99] * 99] * 99] * 99]]], 9)",
    "flatten([item.many * 90] * 90000, 1)",
    "merge({'a': [[[[[[item.long] * 9] * 9] * 9] * 9] * 9]}, {})",
    "zip(*[item.many])",
    "zip(item.many * 999, item.many * 999)",
    "enumerate(item.many * 999)",
    "chunk(item.many * 999, 1)",
    "split(item.long * 100, 'a')",
    "(item.long * 100).split('a')",
    "lines(item.long.replace('a', '\\n') * 100)",
    "('\\n' * 2000000).splitlines()",
    "('a ' * 2000000).split()",
    "url_encode(('\\u20ac' * 2000000))",
    "html_escape('&' * 9000000)",
    "[sha512(item.long) for a in range(90000)]",
    "[b64_encode(item.long) for a in range(90000)]",
    "b64_encode('a' * 30000000)",
    "json_parse('[' * 100000)",
    "json_parse('[' + '[],' * 1500000 + '[]]')",
    "json_parse('[' * 900 + ']' * 900)",
    "json_dump(json_parse('[' * 900 + ']' * 900))",
    "json_parse('[' * 900 + ']' * 900) == json_parse('[' * 900 + ']' * 900)",
    "[matches(item.long, '(a+)+$b') for a in range(90000)]",
    "[matches(item.long, '(' + str(a) + '|a*)*b') for a in range(90000)]",
    "[regex_find(item.long + 'b', '(?:[ab]*a[ab]{200})(c)') for a in range(90000)]",
    "regex_find_all(item.long * 40, '(?:a.*b|a)')",
    "regex_replace(item.long, 'a', item.long)",
    "regex_replace(item.long, '', item.long)",
    "regex_replace(item.long, '(a*)', r'\\1\\1\\1\\1\\1\\1\\1\\1' * 100)",
    "matches(item.long * 400, '(x+x+)+y' * 20)",
    "matches('a', '((((((a{99}){99}){99}){99}){99}){99})')",
    "matches('a', 'a' * 5000)",
    "matches('a', '(a?){900}' * 90)",
    "[parse_date('2025-01-01', format='%Y-%m-%d') for a in range(90000)]",
    "[parse_date('x' * 90) for a in range(90000)]",
    "[default(item.zzz.yyy, [default(item.qqq, a) for a in item.many]) for b in range(90000)]",
    "group_by([{'k': item.long + str(a)} for a in range(9000)], 'k')",
    "pluck(item.many * 900, '.'.join(['a'] * 9))",
    "pluck(item.many, '.'.join(['a'] * 9000))",
    "(" * 5_000 + "1" + ")" * 5_000,
    "[" * 5_000 + "]" * 5_000,
    "(" * 150 + "1" + ")" * 150 + "." * 2,
    "[" * 180 + "]" * 180,
    "-" * 9_000 + "1",
    "not " * 2_000 + "1",
    "1" + "+1" * 4_000,
    "1" + "**1" * 3_000,
    "item" + ".a" * 4_500,
    "item" + "[0]" * 3_000,
    "item" + ".get('a')" * 1_000,
    "1 if 1 else " * 700 + "1",
    "{'a':" * 1_500 + "1" + "}" * 1_500,
    "[x for x in " * 600 + "[]" + "]" * 600,
    "[0 " + "for a in item.many " * 500 + "]",
    "len(" * 1_800 + "1" + ")" * 1_800,
    "a" * 10_001,
    "item.id" + " " * 20_000 + "+1",
    "+".join(["item.long"] * 1_000),
    "(" + " ".join(["item.long and"] * 700) + " item.long * 9999999)",
    "[" + ",".join(["item.long * 100"] * 600) + "]",
]


def verdict(source: str) -> str | None:
    """Evaluate and say what is wrong with what happened, or None if it was refused properly."""
    try:
        value = compile_expression(source).evaluate(SCOPE, Budget())
    except ExpressionError as error:
        if not error.message or len(error.message) > 2_000:
            return f"has a message of {len(error.message)} characters"
        if error.message.startswith("The values are nested too deeply or"):
            return "was refused by the machine, not by its budget"
        return None
    except BaseException as error:
        return f"raises {error!r:.300}"
    return f"gives {value!r:.100}"


def main() -> None:
    """Run every bomb within 512 MB of memory more than now; print the verdicts as JSON."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 512 * 1024 * 1024,) * 2)
    found = []
    for source in BOMBS:
        started = time.process_time()
        found.append([source[:80], verdict(source), time.process_time() - started])
    # Not ru_maxrss: that begins with what the process weighed that started this one.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    json.dump({"verdicts": found, "peak_kb": peak}, sys.stdout)


if __name__ == "__main__":
    main()

"""The matrix: variables in scopes, multi-instance."""

from tests.bpmn.cases import Case
from tests.bpmn.diagrams import boundary, chain, end, gateway, io, multi, script, start, sub, timer, user

SCOPES = [
    Case("outputs only by mapping", start() + user("a", io({"mine": "=x + 1"}, {"y": "=answer * 2"})) + end()
         + chain("start", "a", "end"), [("a", {"answer": 21, "other": 1})],
         ">start <start >a <a >end <end", {"x": 1}, variables={"x": 1, "y": 42}),
    Case("local wins", start() + user("a", io({"x": "=x + 1"})) + end() + chain("start", "a", "end"),
         [("a", {"x": 9, "z": 2})], ">start <start >a <a >end <end", {"x": 1}, variables={"x": 1, "z": 2}),
    Case("nested targets", start() + user("a", io(outputs={"r.one": "=1", "r.two": "=2"})) + end()
         + chain("start", "a", "end"), ["a"], ">start <start >a <a >end <end", {"r": {"zero": 0}},
         variables={"r": {"zero": 0, "one": 1, "two": 2}}),
    Case("subprocess keeps its own", start() + sub("p1", start("s1"), script("w", "x", "=x + 1"),
         script("v", "inner", "=5"), chain("s1", "w", "v"), zeebe=io({"inner": "=0"}, {"back": "=inner"})) + end()
         + chain("start", "p1", "end"), [], ">start <start >p1 >s1 <s1 >w <w >v <v <p1 >end <end", {"x": 1},
         variables={"x": 2, "back": 5}),
    Case("parallel branches share", start() + gateway("parallel", "f") + script("a", "x", "=1") + script("b", "y", "=x")
         + gateway("parallel", "j") + end() + chain("start", "f", "a", "j", "end") + chain("f", "b", "j"), [],
         ">start <start >f <f >a >b <a >j <b >j <j >end <end", {}, variables={"x": 1, "y": 1}),
    Case("parallel instances", start() + user("a", body=multi("=list", output="out", result="=answer")) + end()
         + chain("start", "a", "end"),
         [lambda walk: walk.do("a", 1, answer="b"), lambda walk: walk.do("a", 0, answer="a")],
         ">start <start >a >a >a <a <a <a >end <end", {"list": [1, 2]}, variables={"list": [1, 2], "out": ["a", "b"]}),
    Case("sequential instances", start() + user("a", body=multi("=list", output="out", result="=item * loopCounter",
         sequential=True)) + end() + chain("start", "a", "end"), ["a", "a"],
         ">start <start >a >a <a >a <a <a >end <end", {"list": [3, 4]}, variables={"list": [3, 4], "out": [3, 8]}),
    Case("no instances", start() + user("a", body=multi("=list", output="out", result="=1")) + end()
         + chain("start", "a", "end"), [], ">start <start >a <a >end <end", {"list": []},
         variables={"list": [], "out": []}),
    Case("collection is no list", start() + user("a", body=multi("=list")) + end() + chain("start", "a", "end"),
         [lambda walk: walk.retry("a", list=[])], ">start <start >a #a <a >end <end", {"list": None},
         incidents=[("a", "not_a_list")]),
    Case("completion condition", start() + user("a", body=multi("=list", until="=numberOfCompletedInstances >= 1"))
         + end() + chain("start", "a", "end"), ["a"], ">start <start >a >a >a >a <a xa xa <a >end <end",
         {"list": [1, 2, 3]}),
    Case("instances of a subprocess", start() + sub("p1", start("s1"), user("u"), chain("s1", "u"),
         loop=multi("=list", output="out", result="=got"), zeebe=io(outputs={"got": "=answer"})) + end()
         + chain("start", "p1", "end"),
         [lambda walk: walk.do("u", 0, answer=1), lambda walk: walk.do("u", 0, answer=2)],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u <s1 >u <u <p1 <u <p1 <p1 >end <end", {"list": [1, 2]},
         variables=None),
    Case("boundary on instances", start() + user("a", body=multi("=list")) + boundary("t", "a", timer("P1D")) + end()
         + end("late") + chain("start", "a", "end") + chain("t", "late"), ["a", "t"],
         ">start <start >a >a >a <a !t xa xa >late <late", {"list": [1, 2]}),
]  # fmt: skip

"""Runs some of CPython's test modules; the same text is a step's code and a program."""

import doctest
import importlib
import io
import json
import sys
import unittest


class Verdicts(unittest.TestResult):
    """How each test ended, by its id; fixtures that fail count as tests of their own."""

    def __init__(self):
        super().__init__()
        self.found = {}

    def note(self, test, verdict, why=""):
        self.found[test.id()] = [verdict, why[-300:]]

    def addSuccess(self, test):
        self.note(test, "passed")

    def addFailure(self, test, err):
        self.note(test, "failed", repr(err[1]))

    def addError(self, test, err):
        self.note(test, "error", repr(err[1]))

    def addSkip(self, test, reason):
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test):
        self.note(test, "failed", "succeeded against expectation")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(test, "failed", f"{subtest}: {err[1]!r}")


def run_module(name, verdicts):
    """Run a module's tests as CPython's own runner does: by its ``test_main`` where it has one."""
    module = importlib.import_module(name)
    load = unittest.defaultTestLoader
    if not hasattr(module, "test_main"):
        load.loadTestsFromModule(module).run(verdicts)
        return

    def run_unittest(*cases):
        unittest.TestSuite(load.loadTestsFromTestCase(case) for case in cases).run(verdicts)

    def run_doctest(tested, verbosity=None, optionflags=0):
        doctest.DocTestSuite(tested, optionflags=optionflags).run(verdicts)

    module.run_unittest, module.run_doctest = run_unittest, run_doctest
    module.test_main()


def run(items):
    """Run modules and return one item: by test id how it ended, and what it said if not well."""
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    verdicts = Verdicts()
    for name in items[0]["modules"]:
        run_module(name, verdicts)
    return [{"verdicts": verdicts.found}]


if __name__ == "__main__":
    answer = sys.stdout
    json.dump(run(json.loads(sys.argv[1])), answer)

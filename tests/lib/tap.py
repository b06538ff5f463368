# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
unittest in the form that tests/run reads: "ok - NAME", "not ok - NAME", "skip - NAME (reason)". The
name is the test's, underscores as spaces, after its class's attribute "subject", if it has one.

As a program: tap.py FOLDER runs all tests of a folder.
"""
import sys
import time
import unittest


def name_of(test):
    words = test._testMethodName.removeprefix("test_").replace("_", " ")
    subject = getattr(test, "subject", None)
    return f"{subject}: {words}" if subject else words


class Result(unittest.TestResult):
    def __init__(self, verbose=False):
        super().__init__()
        self.verbose = verbose
        self.passed = 0
        self._wrong = False

    def startTest(self, test):
        super().startTest(test)
        self._wrong = False
        self._began = time.monotonic()

    def _say(self, line, notes=""):
        print(line, flush=True)
        for note in notes.splitlines():
            print(f"# {note}", flush=True)

    def _failed(self, test, error):
        text = self._exc_info_to_string(error, test)
        # What is no test: a class's or a module's setup.
        name = name_of(test) if hasattr(test, "_testMethodName") else test.id()
        self._say(f"not ok - {name}", text)
        self._wrong = True

    def addSuccess(self, test):
        if self._wrong:
            return
        self.passed += 1
        self._say(f"ok - {name_of(test)}")
        if self.verbose:
            self._say(f"# {time.monotonic() - self._began:.2f} s")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._failed(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error and not self._wrong:
            self._failed(test, error)
        elif error:
            self._say("", self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        name = name_of(test) if hasattr(test, "_testMethodName") else test.id()
        self._say(f"skip - {name} ({reason})")


def run(suite, verbose=False):
    """Run them; 0 if all passed, 1 if anything failed or nothing was checked."""
    result = Result(verbose)
    suite.run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"# {result.passed} passed, {failed} failed", flush=True)
    return 0 if result.wasSuccessful() and result.passed else 1


if __name__ == "__main__":
    sys.exit(run(unittest.TestLoader().discover(sys.argv[1])))

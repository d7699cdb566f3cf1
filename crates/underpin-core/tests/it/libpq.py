"""Reads connection strings as JSON, one a line; prints what libpq makes of each, or null where it refuses."""

import ctypes
import ctypes.util
import json
import sys


class Option(ctypes.Structure):
    _fields_ = [
        ("keyword", ctypes.c_char_p),
        ("envvar", ctypes.c_char_p),
        ("compiled", ctypes.c_char_p),
        ("val", ctypes.c_char_p),
        ("label", ctypes.c_char_p),
        ("dispchar", ctypes.c_char_p),
        ("dispsize", ctypes.c_int),
    ]


name = ctypes.util.find_library("pq")
if name is None:
    sys.exit(3)
libpq = ctypes.CDLL(name)
libpq.PQconninfoParse.restype = ctypes.POINTER(Option)
libpq.PQconninfoParse.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
for line in sys.stdin:
    options = libpq.PQconninfoParse(json.loads(line).encode(), None)
    said = None
    if options:
        said, index = {}, 0
        while options[index].keyword:
            if options[index].val is not None:
                said[options[index].keyword.decode()] = options[index].val.decode()
            index += 1
    print(json.dumps(said))

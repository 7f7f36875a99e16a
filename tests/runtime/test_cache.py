"""A cache by content, bounded in bytes."""

import copy
import threading
from dataclasses import dataclass

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xai_widgets.runtime.cache import ContentCache, content_key, size_in_bytes

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.binary(max_size=5)
)
ARRAYS = arrays.arrays(
    st.sampled_from(["float32", "float64", "uint8", "int64", "bool"]), arrays.array_shapes(max_dims=3, max_side=3)
)
VALUES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def canonical(value):
    """Return something that is equal exactly for equal content: types, shapes and bytes included."""
    if isinstance(value, np.ndarray):
        return ("array", str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, dict):
        return ("dict", tuple((key, canonical(value[key])) for key in sorted(value)))
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, tuple(map(canonical, value)))
    return (type(value).__name__, repr(value))


@given(st.lists(VALUES, max_size=3))
def test_equal_content_gives_equal_keys(parts):
    again = copy.deepcopy(parts)
    assert content_key(*again) == content_key(*parts)


@given(st.lists(VALUES, max_size=3), st.lists(VALUES, max_size=3))
def test_other_content_gives_other_keys(first, second):
    assume(canonical(first) != canonical(second))
    assert content_key(*first) != content_key(*second)


def test_what_looks_alike_but_is_not():
    alike = [
        (1,),
        (1.0,),
        (True,),
        ("1",),
        ([1],),
        ((1,),),
        (np.array([1]),),
        (np.array([[1]]),),
        (np.array([1], "int32"),),
        ({"a": 1},),
        ([("a", 1)],),
        ("a", "b"),
        ("ab",),
        (["a", "b"],),
        ("a", ["b"]),
        ({},),
        ([],),
        (None,),
        (),
    ]
    assert len({content_key(*parts) for parts in alike}) == len(alike)


@given(ARRAYS)
def test_layout_in_memory_does_not_count(array):
    assert content_key(np.asfortranarray(array)) == content_key(array)
    wide = np.repeat(array, 2, axis=-1)
    assert content_key(wide[..., ::2]) == content_key(array)


def test_arrays_of_objects_count_by_what_they_hold():
    first, again = (np.array(["ab", None], dtype=object) for _ in range(2))
    assert content_key(first) == content_key(again)
    assert content_key(first) != content_key(np.array(["ab", 0], dtype=object))


def test_the_order_of_a_dict_does_not_count():
    assert content_key({"a": 1, "b": np.ones(2)}) == content_key({"b": np.ones(2), "a": 1})


# Bounds


def kilobytes(count):
    return np.zeros(1024 * count - 256, "uint8")  # with the overhead of an array, exactly


def test_results_are_computed_once():
    cache, calls = ContentCache(), []
    for _ in range(3):
        assert cache.get_or("key", lambda: calls.append(1) or "value") == "value"
    assert calls == [1]


def test_nothing_is_a_result_too():
    cache, calls = ContentCache(), []
    for _ in range(2):
        cache.get_or("key", lambda: calls.append(1))
    assert calls == [1]


def test_the_least_recently_used_goes_first():
    cache = ContentCache(max_bytes=3 * 1024)
    for name in "abc":
        cache.get_or(name, lambda: kilobytes(1))
    assert cache.bytes == 3 * 1024
    cache.get_or("a", lambda: None)  # used again: now "b" is the oldest
    cache.get_or("d", lambda: kilobytes(1))
    assert [name in cache for name in "abcd"] == [True, False, True, True]


def test_what_is_too_large_is_not_kept_and_pushes_nothing_out():
    cache = ContentCache(max_bytes=2048)
    cache.get_or("small", lambda: kilobytes(1))
    assert len(cache.get_or("large", lambda: kilobytes(3))) == 3 * 1024 - 256
    assert "large" not in cache
    assert "small" in cache


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=40))
def test_the_bound_holds(requests):
    cache = ContentCache(max_bytes=5000)
    for name, size in requests:
        cache.get_or(str(name), lambda size=size: np.zeros(size, "uint8"))
        assert cache.bytes <= 5000


def test_a_failed_computation_keeps_nothing():
    cache = ContentCache()

    def fail():
        raise ValueError

    for _ in range(2):
        try:
            cache.get_or("key", fail)
        except ValueError:
            assert "key" not in cache
    assert cache.get_or("key", lambda: 1) == 1


def test_many_threads():
    cache, start = ContentCache(max_bytes=4000), threading.Barrier(6)
    wrong = []

    def work(seed):
        start.wait()
        for number in np.random.default_rng(seed).integers(0, 12, 200):
            value = cache.get_or(str(number), lambda number=number: np.full(500, number, "uint8"))
            if (value != number).any():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert cache.bytes <= 4000


@dataclass
class Pair:
    first: np.ndarray
    second: tuple


def test_sizes_count_what_is_held():
    large = np.zeros(10_000, "float64")
    nested = [Pair(large, (large, {"a": [large]})), [large]]
    assert 4 * large.nbytes < size_in_bytes(nested) < 4 * large.nbytes + 4000
    assert size_in_bytes("text") > 0

"""Reference values for the statistics, computed a second way: from the definitions, with scipy and mpmath.

    python3 -m venv venv && venv/bin/pip install scipy mpmath
    venv/bin/python tests/stats/reference.py > tests/stats/reference.json

The fixture is read by tests/it/stats/reference.rs. Infinity is written as the string "inf" or "-inf".
"""

import json
import math

import mpmath
import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betaln, logsumexp

mpmath.mp.dps = 40


def strength(alpha, n_opt):
    ln = math.log(1 / alpha)
    return max(1e-3, n_opt / (2 * ln + math.log(1 + 2 * ln)) - 1)


def ln_e(k, n, p, m):
    """ln E(k; n, p) with 40 digits."""
    a, b = mpmath.mpf(p) * m, (1 - mpmath.mpf(p)) * m
    def ln_beta(x, y):
        return mpmath.loggamma(x) + mpmath.loggamma(y) - mpmath.loggamma(x + y)
    return float(ln_beta(a + k, b + n - k) - ln_beta(a, b)
                 - k * mpmath.log(p) - (n - k) * mpmath.log(1 - mpmath.mpf(p)))


def ln_e_scipy(k, n, p, m):
    return (betaln(p * m + k, (1 - p) * m + (n - k)) - betaln(p * m, (1 - p) * m)
            - k * math.log(p) - (n - k) * math.log1p(-p))


def believable(n, p, m, limit):
    """The first and last whole k with ln E < limit, by bisection from the mode."""
    middle = min(max(round(n * p + 0.5 - p), 0), n)
    def end(refused):
        if ln_e(refused, n, p, m) < limit:
            return refused
        accepted = middle
        while abs(accepted - refused) > 1:
            between = (accepted + refused) // 2
            if ln_e(between, n, p, m) < limit:
                accepted = between
            else:
                refused = between
        return accepted
    return end(0), end(n)


def edges(highest):
    """Lowest value of an HdrHistogram bucket (3 digits) and of the next one."""
    width = 1
    while highest >= 2048 * width:
        width *= 2
    low = highest // width * width
    return low, low + width


def histogram(values):
    counts = {}
    for value in values:
        low, after = edges(int(value))
        counts[after - 1] = counts.get(after - 1, 0) + 1
    return sorted(counts.items())


def cells(buckets, failures):
    """(lower edge, upper edge, requests below, requests up to), with the room below and above."""
    found, upto = [(0, edges(buckets[0][0])[0], 0, 0)], 0
    for highest, count in buckets:
        found.append((*edges(highest), upto, upto + count))
        upto += count
    found.append((math.inf if failures else found[-1][1], math.inf, upto, upto + failures))
    return found


def quantile_interval(buckets, failures, p, m, limit):
    n = sum(count for _, count in buckets) + failures
    low, high = believable(n, p, m, limit)
    ranked = cells(buckets, failures)
    def cell(rank):
        return next((c for c in ranked if c[3] >= rank), ranked[-1])
    return [0 if low == 0 else cell(low)[0], math.inf if high + 1 > n else cell(high + 1)[1]]


def least(cell, n, p, m):
    mode = min(max(n * p + 0.5 - p, 0), n)
    return ln_e(min(max(mode, cell[2]), cell[3]), n, p, m)


def pair_intervals(a, b, p, m, limit):
    """Ratio and difference over all accepted pairs of cells."""
    (a, fa), (b, fb) = a, b
    na, nb = (sum(c for _, c in x) + f for x, f in ((a, fa), (b, fb)))
    ca, cb = cells(a, fa), cells(b, fb)
    ea, eb = [least(c, na, p, m) for c in ca], [least(c, nb, p, m) for c in cb]
    ratio, difference = [math.inf, 0.0], [math.inf, -math.inf]
    for i, x in enumerate(ca):
        for j, y in enumerate(cb):
            if ea[i] + eb[j] >= limit:
                continue
            ratio[0] = min(ratio[0], 0.0 if math.isinf(x[1]) else y[0] / x[1])
            ratio[1] = max(ratio[1], math.inf if math.isinf(y[1]) or x[0] == 0 else y[1] / x[0])
            difference[0] = min(difference[0], -math.inf if math.isinf(x[1]) else y[0] - x[1])
            difference[1] = max(difference[1], math.inf if math.isinf(y[1]) else y[1] - x[0])
    return ratio, difference


def ln_m(pairs, mu, first):
    terms, weights = [], []
    for c, weight in ((1.0, 0.75), (0.8, 0.25)):
        for i in range(9):
            for sign in (1, -1):
                y = sign * first * 2**i * (np.array(pairs) - mu)
                # 1 + tanh(y) = 2 / (1 + exp(-2y)), where the sum itself would round to 0.
                factor = (np.log(2) - np.logaddexp(0, -2 * y) if c == 1.0
                          else np.log1p(c * np.tanh(y)))
                terms.append(factor.sum())
                weights.append(weight / 18)
    return float(logsumexp(terms, b=weights))


def span(pairs, alpha, first):
    limit = -math.log(alpha)
    finite = [d for d in pairs if math.isfinite(d)]
    grid = np.linspace(min(finite) - 1, max(finite) + 1, 4001)
    values = [ln_m(pairs, mu, first) for mu in grid]
    at = int(np.argmin(values))
    best = minimize_scalar(lambda mu: ln_m(pairs, mu, first), method="bounded",
                           bounds=(grid[max(at - 1, 0)], grid[min(at + 1, 4000)]),
                           options={"xatol": 1e-9}).x
    def end(outside):
        if ln_m(pairs, outside, first) < limit:
            return math.copysign(math.inf, outside)
        return brentq(lambda mu: ln_m(pairs, mu, first) - limit, best, outside, xtol=1e-10)
    return [end(min(finite) - 60), end(max(finite) + 60)], best


def plain(value):
    """JSON has no infinities."""
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, (list, tuple)):
        return [plain(x) for x in value]
    if isinstance(value, dict):
        return {key: plain(x) for key, x in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def main():
    rng = np.random.default_rng(4)
    likelihoods, counts = [], []
    for p in (0.5, 0.95, 0.99, 0.999):
        for alpha, n_opt in ((0.05, 3000), (0.0125, 2.5e8), (0.0125, 0.5)):
            m = strength(alpha, n_opt)
            for n in (1, 40, 5_000, 10**6, 10**9):
                deviation = math.sqrt(n * p * (1 - p))
                for k in {0, n, *(min(max(round(n * p + z * deviation), 0), n) for z in (-4, 0, 1, 5))}:
                    exact = ln_e(k, n, p, m)
                    double = ln_e_scipy(k, n, p, m)
                    # scipy's own rounding is all that may stand between the two.
                    assert abs(double - exact) < 1e-5 + 1e-13 * n * 20, (k, n, p, m, double, exact)
                    likelihoods.append([p, alpha, n_opt, k, n, exact])
                counts.append([p, alpha, n_opt, n, *believable(n, p, m, -math.log(alpha))])

    samples = {
        "lognormal": (histogram(rng.lognormal(11, 0.5, 1500)), 0),
        "shifted": (histogram(rng.lognormal(10.8, 0.4, 1200)), 0),
        "failing": (histogram(rng.lognormal(9, 0.7, 900)), 25),
        "small": (histogram(rng.integers(1, 400, 300)), 0),
    }
    intervals, pairs_of_samples = [], []
    for p in (0.5, 0.95, 0.99):
        m, limit = strength(0.0125, 2000), -math.log(0.0125)
        for name, (buckets, failures) in samples.items():
            intervals.append([name, p, *quantile_interval(buckets, failures, p, m, limit)])
        for a, b in (("lognormal", "shifted"), ("shifted", "failing"), ("failing", "small")):
            pairs_of_samples.append([a, b, p, *pair_intervals(samples[a], samples[b], p, m, limit)])

    symmetric = []
    for first, pairs in (
        (1, rng.normal(-0.2, 0.05, 9)),
        (1, rng.normal(0.0, 0.03, 40)),
        (1, [*rng.normal(0.3, 0.1, 12), math.inf, math.inf, -math.inf]),
        (1, [*rng.normal(-1, 0.02, 5)]),
        (4, rng.normal(0.01, 0.004, 15)),
        (1, [*rng.normal(-3, 0.5, 30), math.inf]),
    ):
        pairs = [round(float(d), 6) if math.isfinite(d) else d for d in pairs]
        looks = [[mu, ln_m(pairs, mu, first)] for mu in (-2.0, -0.25, -0.01, 0.0, 0.003, 0.2, 5.0)]
        ends, centre = span(pairs, 0.0125, first)
        symmetric.append({"first": first, "pairs": pairs, "ln_m": looks, "ends": ends, "centre": centre})

    print(json.dumps(plain({
        "ln_e": likelihoods,
        "believable": counts,
        "samples": {name: {"buckets": buckets, "failures": failures}
                    for name, (buckets, failures) in samples.items()},
        "quantile_intervals": intervals,
        "pair_intervals": pairs_of_samples,
        "symmetry": symmetric,
    }), separators=(",", ":")).replace('],"', '],\n"'))


main()

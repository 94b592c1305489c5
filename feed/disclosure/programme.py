"""Sums of numbers as one linear programme (HiGHS): each question starts where the last one ended."""

import highspy
import numpy as np

from feed.disclosure.system import SLACK, Floats, System

PRIMAL = 4
"""The way of the simplex method that starts from any table that fits, where other costs begin."""
MOST_STEPS_OF_ONE = 200_000
MOST_BRANCHES_OF_ONE = 20_000
"""How long one question is worked on, in the solver's own steps: a clock would answer otherwise each time."""


class Programme:
    """Numbers between bounds, and what sums of them lie between."""

    def __init__(self, sums: System) -> None:
        """Hand the sums to the solver."""
        self._size, rows = sums.size, sums.rows
        self._every = np.arange(self._size, dtype=np.int32)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = self._size, len(sums.at_least)
        programme.col_cost_ = np.zeros(self._size)
        programme.col_lower_, programme.col_upper_ = sums.lower, sums.upper
        programme.row_lower_, programme.row_upper_ = sums.at_least, sums.at_most
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = rows.indptr
        programme.a_matrix_.index_ = rows.indices
        programme.a_matrix_.value_ = rows.data.astype(np.float64)
        self._programme = programme
        self._solver = self._given()
        self._solver.setOptionValue("simplex_strategy", PRIMAL)
        self._whole: highspy.Highs | None = None
        self._pricing: highspy.Highs | None = None

    def least(self, costs: Floats) -> Floats | None:
        """Return the numbers at which the costs are least; None where none fit, or none were found."""
        return self._answer(self._solver, costs)

    def least_whole(self, costs: Floats) -> Floats | None:
        """Return the whole numbers at which the costs are least."""
        if self._whole is None:
            self._whole = self._given()
            kinds = np.full(self._size, highspy.HighsVarType.kInteger)
            self._whole.changeColsIntegrality(self._size, self._every, kinds)
        found = self._answer(self._whole, costs)
        return None if found is None else np.round(found)

    def priced(self, costs: Floats) -> np.ndarray:
        """Return which numbers' bounds keep the costs from being less; none where there is no least."""
        if self._pricing is None:
            self._pricing = self._given()
        if self._answer(self._pricing, costs) is None:
            return np.zeros(self._size, dtype=bool)
        priced: np.ndarray = np.abs(np.array(self._pricing.getSolution().col_dual)) > SLACK
        return priced

    def _given(self) -> highspy.Highs:
        solver = highspy.Highs()
        solver.silent()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("simplex_iteration_limit", MOST_STEPS_OF_ONE)
        solver.setOptionValue("mip_max_nodes", MOST_BRANCHES_OF_ONE)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", SLACK)
        if solver.passModel(self._programme) == highspy.HighsStatus.kError:
            raise ValueError("these sums are not a linear programme")
        return solver

    def _answer(self, solver: highspy.Highs, costs: Floats) -> Floats | None:
        solver.changeColsCost(self._size, self._every, costs)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(solver.getSolution().col_value)

"""What a family declares, and what a fitted model of it can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Config:
    name: str
    params: dict = field(default_factory=dict)


class Fitted(ABC):
    replay: dict
    curve: tuple = ()

    @abstractmethod
    def predict(self, X, threads=1): ...

    @abstractmethod
    def save(self, folder): ...


class Family(ABC):
    key = label = ""
    tasks = ("binary", "multiclass", "regression")
    extra = None

    def memory_mb(self, rows, features, classes):
        return 100 + rows * max(features, 1) * 4 * 3 / 2**20

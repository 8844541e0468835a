"""An act in time: `NotInForce` and `days_of_change` of the act, under the name by which the checks ask for them."""

from clemency.law.act import NotInForce, days_of_change

__all__ = ["NotInForce", "days_of_change"]

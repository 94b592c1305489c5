from tests.warehouses import both, postgres

__all__ = ["both", "postgres"]

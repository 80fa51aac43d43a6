"""What people read: evidence as text. Imports nothing but `pcverify.evidence`."""

from pcverify.report.lanes import lanes

__all__ = ["lanes"]

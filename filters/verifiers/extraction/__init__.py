"""The final answer of a free text: boxes, announcements, conclusions."""

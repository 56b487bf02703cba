"""Problem sources, engines and the sampling loop; the loop also samples students and bases under evaluation."""

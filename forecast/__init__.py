"""Arrivals → quantiles → requirements → simulated waiting. Pure: no web, no database, no clock."""

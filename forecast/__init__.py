"""Arrivals → quantiles → requirements → simulated waiting. Pure: no web, no database, no clock.

arrays                    what all of this counts in
calendar, holiday_dates   opening hours, holidays, closures: facts about days
wall_clock, grid          the slots of an office's days
series, cells, grouping   logged arrivals in watched slots; events
profile, daily, ridge     shape and level of an office's days
shares, spread, counts    languages and needs, dispersions, quantiles
office, network           the forecast of one office, of all, of one that has hardly opened
erlang, requirements, staffing   heads that keep a waiting target, divided by language and desk
raising                   languages that fall short in simulated days are raised
queueing, visitors, waiting      a day with a roster, simulated over and over
accuracy                  forecast against what came
records, baselines, evaluate     `python -m forecast evaluate`
"""

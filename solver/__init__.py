"""The roster problem and its solution. Pure: knows neither Flask nor the database."""

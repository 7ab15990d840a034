"""Mail on its way out: the server it goes through, the letter, the postman."""

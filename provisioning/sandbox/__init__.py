"""A pretend AWS account and SES SMTP endpoint that refuse what AWS refuses; a program beside the app."""

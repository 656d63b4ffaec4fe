"""What is asked: its kind, its parts, its period, whose words, and what it leans on."""

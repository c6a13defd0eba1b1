"""The calculators turned round: from the number that is wanted to the settings that give it."""

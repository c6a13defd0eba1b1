"""The course's data: splits with labels or masks, and how a picture becomes a tensor."""

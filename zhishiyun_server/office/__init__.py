"""What an examinations office does: exams, rosters, papers, tickets."""

"""Early warning (S54, S55): rules from a book, judged by a pure function of counted windows."""

"""What onrecord is measured by: answers, quotations and refusals on sets of questions with gold evidence."""

"""What onrecord costs: time, memory and disk, beside the pipeline that LangChain's tutorial builds."""

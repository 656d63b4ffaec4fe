"""What people meet: the command line, the server with its page, its API and Slack, MCP, LangChain.

Entry points only: nothing imports a face, and no face knows the index.
"""

"""What the pages are made of. With pages/ and app.py the only place that knows Streamlit."""

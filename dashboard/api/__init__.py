"""Routes beside Streamlit's own: live data, assets, health."""

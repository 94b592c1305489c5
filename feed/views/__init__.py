"""What is published, as views with names that stay: for Power BI, Excel and whoever asks by SQL."""

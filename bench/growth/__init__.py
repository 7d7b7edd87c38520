"""What a million finished executions cost those who ask afterwards."""

"""What must hold before anybody is released: findings in a register."""

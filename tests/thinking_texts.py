"""Completions that models wrote, with their tags."""

# open-thought/reasoning-gym-eval@5f09fec, Apache-2.0: Qwen2.5-3B-rlft on gsm8k 237, olympiadbench 555, amc23 6 and
# on a problem where it closes twice.
JOHNNY = "To determine how much money Johnny had after a year, …\n   - Thus, after one year, … Johnny has is $90."
WHOLE = f"<think> \n{JOHNNY}\n   \n</think> \n<answer> \\boxed{{90}}"
UNCLOSED = "<think> \nTo find the sum of all positive two-digit factors of \\(2^{32} - 1\\), … 24956, 25059, 25162,"
ANSWER_ALONE = "To solve the problem, we start with … Thus, the final answer is:\n\n\\[\n\\boxed{64}\n\\]"
RELATION = "To determine the relationship between the conditions … the conditions is neither."
CLOSED_TWICE = f"<think> \n{RELATION}\n</think> \n</think> \n<answer> \\boxed{{neither}}"
# NVIDIA-NeMo/Gym@07d6b0d, Apache-2.0, example_rollouts: the template had prefilled the opening tag.
REFERENCE = "… So answer: ASC 606-10-25-14.\n\nThus output just that reference."
NEVER_OPENED = f"{REFERENCE}\n</think>\nASC 606‑10‑25‑14"
# rasbt/reasoning-from-scratch@f79c9cd, Apache-2.0: DeepSeek-R1 through OpenRouter, put back into its tags.
CEILING = "Okay, let's see. The problem is to evaluate the ceiling of 3… So the final answer should be 17."
SEVENTEEN = "To evaluate \\(\\left\\lceil3\\left(6-\\frac{1}{2}\\right)\\right\\rceil\\), … \\[\n\\boxed{17}\n\\]"
R1 = f"{CEILING}\n</think>\n\n{SEVENTEEN}"

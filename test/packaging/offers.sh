# What bash offers for a line, whose last word is completed: offers.sh COMPLETION LINE
source "$1"
read -ra COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
cd /
_redis_sentinel_ts
printf '%s\n' "${COMPREPLY[@]}"

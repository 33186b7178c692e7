/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/builtin.h"

const struct ts_policy *const builtin_policy[N_BUILTIN_POLICY] = {
    &policy_local, &policy_nearest_edge, &policy_cloud,      &policy_random, &policy_round_robin,
    &policy_jsq,   &policy_power_of_d,   &policy_least_work, &policy_mct,    &policy_hedge,
    &policy_edf_admission,
    &policy_energy_greedy, &policy_deadline_slack, &policy_qos_weighted, &policy_dpp, &policy_lodco, &policy_lydroo,
    &policy_droo,
    &policy_oracle_mct, &policy_oracle_least_work, &policy_llm, &policy_onnx, &policy_two_level,
    &policy_edf, &policy_min_min, &policy_max_min, &policy_sufferage, &policy_hungarian, &policy_auction,
    &policy_heft, &policy_cpop, &policy_peft, &policy_lookahead, &policy_annealing, &policy_genetic,
    &policy_neurosurgeon, &policy_dads, &policy_jointdnn, &policy_edgent, &policy_spinn, &policy_edgeshard,
    &policy_resplit,
    &policy_q_learning, &policy_sarsa, &policy_expected_sarsa, &policy_double_q,
    &policy_linucb, &policy_thompson, &policy_thompson_beta, &policy_actor_critic,
};

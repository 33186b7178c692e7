/* SPDX-License-Identifier: GPL-3.0-or-later */
/* builtin.h - the policies that come with the program, one file each; main hands over the table that they are in. */
#ifndef POLICIES_BUILTIN_H
#define POLICIES_BUILTIN_H

#include <tiersim/policy.h>

enum { N_BUILTIN_POLICY = 50 };

extern const struct ts_policy *const builtin_policy[N_BUILTIN_POLICY];

extern const struct ts_policy policy_local, policy_nearest_edge, policy_cloud, policy_random, policy_round_robin,
    policy_jsq, policy_power_of_d, policy_least_work, policy_mct, policy_hedge, policy_edf_admission;
/* They weigh energy, deadlines and queues. */
extern const struct ts_policy policy_energy_greedy, policy_deadline_slack, policy_qos_weighted, policy_dpp, policy_lodco,
    policy_lydroo, policy_droo;
/* References. */
extern const struct ts_policy policy_oracle_mct, policy_oracle_least_work;
/* They plan over all tasks that wait, or over a whole graph. */
extern const struct ts_policy policy_edf, policy_min_min, policy_max_min, policy_sufferage, policy_hungarian, policy_auction,
    policy_heft, policy_cpop, policy_peft, policy_lookahead, policy_annealing, policy_genetic;
/* They part a network between a device and a server. */
extern const struct ts_policy policy_neurosurgeon, policy_dads, policy_jointdnn, policy_edgent, policy_spinn, policy_edgeshard,
    policy_resplit;
/* They ask: a language model, a trained network. */
extern const struct ts_policy policy_llm, policy_onnx;
/* It sets others. */
extern const struct ts_policy policy_two_level;
/* They learn. */
extern const struct ts_policy policy_q_learning, policy_sarsa, policy_expected_sarsa, policy_double_q,
    policy_linucb, policy_thompson, policy_thompson_beta, policy_actor_critic;

#endif

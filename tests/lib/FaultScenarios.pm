# Sessions that faults are tried on, and what must hold after each: what was acknowledged
# is there once and whole, what was refused is nowhere, a refusal is one for now, the
# session went on, and one without faults after it works in full.
package FaultScenarios;

use strict;
use warnings;
use Exporter qw(import);
use FaultTest;
use MailRoot qw(messages program);
use Queue;
use StoreTest;
use Test::More;

our @EXPORT = qw(try_failing_calls try_kills);

my ($ann, $bob, $carl) = map { "$_\@example.com" } qw(ann bob carl);
my $far = 'far@elsewhere.example';

# Behind a kill a session may end anywhere; elsewhere it may not.
sub is_kill {
	my ($fault) = @_;
	return scalar($fault =~ /^kill/);
}

# What can be made again, or went on where it had stopped, is nobody's trouble.
sub is_none {
	my ($fault) = @_;
	return scalar($fault =~ /^short|^EINTR at (?:openat|read|pread|write|fsync|fcntl|ftruncate),|at no call/);
}

# Without these nothing can be promised; these here are not made on the way out of a failure.
sub must_be_told {
	my ($fault, $calls) = @_;
	return scalar($fault =~ /^E(?!INTR)\w+ at (?:$calls),/);
}

# By name, each made when it is wanted: root, session and judge as FaultTest has them.
my %scenarios;

# Makes the calls on the store fail, each in turn, with each of these errors.
sub try_failing_calls {
	my ($name, @errors) = @_;
	my %scenario = $scenarios{$name}->();
	for my $error (@errors) {
		my $faults = each_failing_call(%scenario, error => $error);
		cmp_ok($faults, '>=', $error eq 'memory' ? 1 : 5, "$name: $error at each of $faults calls");
	}
}

# Kills the session at each system call, of whatever kind.
sub try_kills {
	my ($name) = @_;
	my $faults = each_kill($scenarios{$name}->());
	cmp_ok($faults, '>=', 30, "$name: killed at each of $faults calls");
}

# One file at most, or so many as are written at once, is left over, of what is made for a
# while only, or without what makes it an entry of the queue; and it can be swept.
sub judge_rest {
	my ($root, $most) = @_;
	my $rest = sub {
		return grep { m{^mail/\.incoming/.} || m{/tmp/[^.]} || m{/\.new\.} || m{^mail/\.removed\.[^/]*\z} }
		    entries($root), lone_messages($root);
	};
	my @rest = $rest->();
	cmp_ok(scalar @rest, '<=', $most || 1, 'no more is left over than was being written') or diag join "\n", @rest;
	return unless @rest;
	my $before = time - 3600;       # what is new may be somebody's at work, and is waited for
	utime $before, $before, map { "$root/$_" } entries($root);
	my ($status, $found) = mailstore($root, '', 'check', '-r');
	is(join("\n", $rest->()), '', 'and check -r sweeps it') or diag $found;
}

# Delivery -------------------------------------------------------------------------

my @letters = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 1500 } 1, 2;
my $later = "Subject: later\n\nAfter the trouble.\n";

# A session by SMTP, or with -l among its flags by LMTP.  Besides these and before, as
# smtp_client() has them: root, to (recipients), messages, and what send_one() takes.
# Returns a hash: the replies, the greeting's first; the final one to each message ('' where
# there was none; in LMTP a hash by recipient); status and what stands on standard error.
sub mail_session {
	my (%with) = @_;
	my $errors = "$with{root}.errors";
	my $lmtp = grep { $_ eq '-l' } @{$with{flags} || []};
	my ($client, $good) = smtp_client($with{root}, %with, errors => $errors);
	my @final = ('') x @{$with{messages}};
	for (0 .. $#final) {
		last unless $good;
		my @replies = send_one($client, $with{to}, $with{messages}[$_], $lmtp, %with);
		$final[$_] = $lmtp ? { map { $with{to}[$_] => $replies[$_] } 0 .. $#replies } : $replies[0];
	}
	say_to($client, "QUIT\r\n") if $good;
	$client->close_input;
	eval { $client->rest };
	my %session = (replies => $client->{replies}, final => \@final, status => eval { $client->status });
	$client->stop;
	$session{said} = octets_of($errors);
	unlink $errors;
	return \%session;
}

# A delivery: to (recipients), in (places where it ends, the same if not given), set
# (sub ($root): what is set up beforehand), without (there are no mailboxes yet), files (that
# are written at once, 1 if not given), reported (who gets a report), by (for LMTP: the
# recipient for whom a place gets it), and what mail_session() takes.
sub delivery {
	my (%with) = @_;
	my @in = @{delete $with{in} || $with{to}};
	my ($set, $without, $reported, $files, $by) = delete @with{qw(set without reported files by)};
	my $root = new_root();
	add($root, $_, 'secret') for $ann, $bob, $carl;
	if ($without) {
		MailRoot::remove_directory("$root/mail");
	}
	$set->($root) if $set;
	my %before = map { my $account = $_; $account => [map { substr $_, length($root) + 1 } places($root, $account)] } @in;
	my @before = map { @$_ } values %before;
	return (
		root => $root,
		session => sub {
			my ($copy, @start) = @_;
			return mail_session(%with, root => $copy, before => \@start, messages => \@letters);
		},
		judge => sub {
			my ($copy, $fault, $session) = @_;
			my @final = @{$session->{final}};
			my $stale = is_kill($fault) && $files || 1;
			judge_mail_session($fault, $session, scalar grep { $_ eq '-f' } @{$with{flags} || []});
			judge_delivery($copy, \@in, \@letters, \@final, stale => $stale, before => \@before, by => $by);
			judge_reports($copy, $reported, \@final) if $reported;
			judge_rest($copy, $stale);
			my $next = mail_session(%with, root => $copy, messages => [$later]);
			my @next = map { ref $_ ? values %$_ : $_ } @{$next->{final}};
			is(scalar(grep { !/^250 / } @next), 0, 'the next session delivers') or diag join "\n", @next;
			judge_delivery($copy, \@in, [@letters, $later], [@final, @{$next->{final}}], stale => 1, before => \@before,
			    by => $by);
		},
	);
}

# What the client was told: all is well, or that it may try again later.
sub judge_mail_session {
	my ($fault, $session, $filter) = @_;
	my @replies = @{$session->{replies}};
	my @bad = grep { !/^[23]\d\d[ -]/ } @replies;
	@bad = grep { $_ ne '' } @bad if is_kill($fault);
	if ($replies[0] =~ /^421 /) {
		is(scalar @replies, 1, 'without a store there is no session');
		is($session->{status}, 75, 'and the status says that it may be later');
		return;
	}
	if ($replies[0] eq '' && !is_kill($fault)) {
		like($fault, qr/ at stat, call 1\z/, 'it cannot be known who should run this');
		is($session->{status}, 75, 'and the status says that it may be later');
		return;
	}
	# A session whose other process was killed stops, and says so.
	pop @bad if is_kill($fault) && @bad && $bad[-1] =~ /^421 4\.3\.2 /;
	is(scalar(grep { !/^45[12] 4\.3\.[015] / } @bad), 0, 'a refusal is one for now')
	    or diag join "\n", @bad;
	is(scalar @bad, 0, 'what can be done again is, and nobody is told') if is_none($fault);
	if (must_be_told($fault, 'write|fsync|linkat|renameat|mkdirat|fcntl|fchmod')) {
		my $code = $fault !~ /^(?:ENOSPC|EDQUOT)/ ? qr/^451 4\.3\.0 /
		    : $fault =~ /fcntl|fchmod/ || $filter ? qr/^45[12] 4\.3\.[01] / : qr/^452 4\.3\.1 /;
		is(scalar(grep { $_ =~ $code } @bad), scalar @bad, 'its code says what it is') or diag join "\n", @bad;
		cmp_ok(scalar @bad, '>', 0, 'and the client is told');
	}
	return if is_kill($fault);
	like($replies[-1], qr/^221 /, 'the session goes on to its end');
	is($session->{status}, 0, 'and ends well')
	    or diag $session->{said};
}

# One report in this mailbox, or for this address elsewhere, for each message that was taken.
sub judge_reports {
	my ($root, $reported, $final) = @_;
	my @reports = grep { octets_of($_) =~ /^Content-Type: multipart\/report/m } places($root, $reported);
	my $taken = grep { /^2/ } @$final;
	my $open = grep { $_ eq '' } @$final;
	cmp_ok(scalar @reports, '>=', $taken, 'who is to be told of it is');
	cmp_ok(scalar @reports, '<=', $taken + $open, 'and of no other');
}

sub setting {
	my ($command, @arguments) = @_;
	return sub {
		my ($root) = @_;
		my ($status, $output, $said) = mailstore($root, '', $command, @arguments);
		die "mailstore $command: $status $said\n" if $status ne '0';
	};
}

$scenarios{'delivery to one'} = sub { return delivery(to => [$bob]) };
$scenarios{'delivery to three'} = sub { return delivery(to => [$ann, $bob, $carl]) };
$scenarios{'delivery to new mailboxes'} = sub { return delivery(to => [$ann, $bob, $carl], without => 1) };
$scenarios{'delivery that makes the account'} = sub { return delivery(to => ['dora@example.com'], flags => ['-c']) };
$scenarios{'delivery to postmaster'} = sub { return delivery(to => ['postmaster'], in => ['postmaster@example.com']) };
$scenarios{'delivery by LMTP'} = sub { return delivery(to => [$ann, $bob, $carl], flags => ['-l']) };
$scenarios{'delivery through a filter'} = sub { return delivery(to => [$bob], flags => ['-f', 'cat'], files => 4) };
$scenarios{'delivery by way of a forward'} = sub {
	return delivery(to => [$bob], in => [$ann, $carl], files => 2, set => setting('forward', $bob, $ann, $carl));
};
$scenarios{'delivery to another host'} = sub {
	return delivery(to => [$bob], in => [$ann, $far], files => 4, set => setting('forward', $bob, $ann, $far));
};
$scenarios{'delivery by LMTP to another host'} = sub {
	return delivery(to => [$bob, $carl], in => [$carl, $far], files => 4, flags => ['-l'],
	    set => setting('forward', $bob, $far), by => { $far => $bob });
};
$scenarios{'delivery with a report to another host'} = sub {
	return delivery(to => [$bob], from => "<$far>", rcpt => ' NOTIFY=SUCCESS', reported => $far, files => 4);
};
$scenarios{'delivery under a quota'} = sub {
	return delivery(to => [$bob], set => sub {
		my ($root) = @_;
		setting('quota', $bob, '1m')->($root);
		put($root, 'mail/example.com/bob/cur/1700000001.foreign.host:2,S', "Subject: foreign\n\ntext\n");
	});
};
$scenarios{'delivery with a report'} = sub {
	return delivery(to => [$bob], from => "<$ann> RET=HDRS", rcpt => ' NOTIFY=SUCCESS', reported => $ann, files => 2);
};

# POP3 -----------------------------------------------------------------------------

# The last one is read in pieces.
my @kept = map { "Subject: kept $_\n\n" . (".line of $_ " . 'x' x 100 . "\n") x (3 + 130 * ($_ - 1)) } 1 .. 3;

# A mail root with three messages for bob, the last of which tells no sizes.
sub kept_root {
	my $root = new_root();
	add($root, $bob, 'secret');
	my @names = ('new/1700000001.one.host,S=%d,W=%d', 'cur/1700000002.two.host,S=%d,W=%d:2,S', 'new/1700000003.three.host');
	for (0 .. 2) {
		my $name = $names[$_] =~ /%d/ ? sprintf($names[$_], length $kept[$_], length MailRoot::crlf($kept[$_])) : $names[$_];
		put($root, "mail/example.com/bob/$name", $kept[$_]);
	}
	put($root, "mail/example.com/bob/tmp/.keep", '');
	return $root;
}

# A POP3 session of these commands, as far as it goes.  Returns a hash: the first lines
# of the replies, the texts of those of more lines (undef where one has no end), and the
# status.
sub pop3_talk {
	my ($root, $before, @commands) = @_;
	my $errors = "$root.errors";
	my $client = Program->start(command => [@$before, program('pop3-stdio'), '-d', $root, '-p'],
	    limit => 60, errors => $errors);
	my %session = (commands => ['', @commands], replies => [], texts => []);
	for my $command ('', @commands) {
		$client->send("$command\r\n") if length $command;
		my $line = eval { $client->line };
		push @{$session{replies}}, defined $line ? $line : '';
		push @{$session{texts}}, '';
		next unless $session{replies}[-1] =~ /^\+OK/ && $command =~ /^(?:LIST|UIDL|RETR|TOP)\b/;
		while (defined($line = eval { $client->line }) && $line ne '.') {
			$session{texts}[-1] .= "$line\n";
		}
		$session{texts}[-1] = undef unless defined $line;
	}
	$client->close_input;
	eval { $client->rest };
	$session{status} = eval { $client->status };
	$client->stop;
	$session{said} = octets_of($errors);
	unlink $errors;
	return \%session;
}

# The session goes on, or its end says why; no trouble is told as a wrong password.
sub judge_pop3_talk {
	my ($fault, $session, @expected) = @_;
	my @replies = @{$session->{replies}};
	my @bad = grep { $replies[$_] !~ $expected[$_] } 0 .. $#replies;
	my ($first) = @bad;             # those behind it may be out of order without it
	my @wrong = grep { $replies[$_] !~ ($_ == $first ? qr{^-ERR \[SYS/TEMP\] |^$} : qr{^-ERR |^$}) } @bad;
	is(scalar @wrong, 0, 'trouble is told as what it is')
	    or diag map { "$session->{commands}[$_]: $replies[$_]\n" } @wrong;
	is(scalar @bad, 0, 'what can be done again is, and nobody is told') if is_none($fault);
	cmp_ok(scalar @bad, '>', 0, 'the client is told') if must_be_told($fault, 'write|fsync|linkat|mkdirat|read|readdir');
	return if is_kill($fault);
	like($session->{status}, $replies[-1] =~ /^\+OK/ ? qr/^0$/ : qr/^75$/, 'the status says how it ended')
	    or diag $session->{said};
}

my ($good, $bad) = (qr/^\+OK/, qr/^-ERR \[AUTH\]/);

# A login, by commands and the replies to the greeting and to them.
sub login {
	my ($talk, @expected) = @_;
	my $root = kept_root();
	unlink "$root/passwords/.secret";
	my @refused = grep { $expected[$_] eq $bad } 0 .. $#expected;
	return (
		root => $root,
		session => sub {
			my ($copy, @before) = @_;
			return pop3_talk($copy, \@before, @$talk);
		},
		judge => sub {
			my ($copy, $fault, $session) = @_;
			judge_pop3_talk($fault, $session, @expected);
			is(scalar(grep { $session->{replies}[$_] =~ /^\+OK/ } @refused), 0, 'nobody else is let in');
			judge_pop3_talk('at no call', pop3_talk($copy, [], @$talk), @expected);
		},
	);
}

$scenarios{'login'} = sub {
	return login(['USER bob@example.com', 'PASS secret', 'STAT', 'QUIT'], ($good) x 5);
};
$scenarios{'login of nobody'} = sub {   # the reply to which takes a second
	return login(['USER nobody@example.com', 'PASS secret', 'QUIT'], $good, $good, $bad, $good);
};

$scenarios{'retrieval'} = sub {
	my @talk = ('USER bob@example.com', 'PASS secret', 'STAT', 'LIST', 'UIDL', 'RETR 1', 'RETR 2', 'RETR 3', 'TOP 3 1', 'QUIT');
	my @texts = map { MailRoot::dot_stuffed($_) } @kept;
	my $octets = 0;
	$octets += length MailRoot::crlf($_) for @kept;
	return (
		root => kept_root(),
		session => sub {
			my ($copy, @before) = @_;
			return pop3_talk($copy, \@before, @talk);
		},
		judge => sub {
			my ($copy, $fault, $session) = @_;
			my @replies = @{$session->{replies}};
			judge_pop3_talk($fault, $session, ($good) x @replies);
			for (grep { $replies[5 + $_] =~ /^\+OK/ } 1 .. 3) {
				my $text = $session->{texts}[5 + $_];
				ok(!defined $text || $text eq $texts[$_ - 1], "message $_ comes whole or without its end");
			}
			like($replies[3], qr/^\+OK 3 $octets$|^-ERR|^$/, 'the maildrop is told of as a whole');
			my $next = pop3_talk($copy, [], @talk);
			judge_pop3_talk('at no call', $next, ($good) x @replies);
			is(join('', @{$next->{texts}}[6 .. 8]), join('', @texts), 'the next session gets all');
			is(scalar messages($copy, $bob), 3, 'and nothing has gone');
		},
	);
};

$scenarios{'update'} = sub {
	my @marked = (1, 2, 5);
	return (
		root => deleting_root(),
		session => sub {
			my ($copy, @before) = @_;
			return send_deletions($copy, \@before, @marked);
		},
		judge => sub {
			my ($copy, $fault, $replies) = @_;
			judge_deletions($copy, $replies, @marked);
			my $end = defined $replies->{QUIT} ? $replies->{QUIT} : '';
			unlike($end, qr/^\+OK/, 'the client is told') if must_be_told($fault, 'fsync|unlinkat|readdir');
			unlike(join("\n", grep { defined } values %$replies), qr/^-ERR (?!\[SYS\/TEMP\])/m,
			    'trouble is told as what it is');
		},
	);
};

# mailstore ------------------------------------------------------------------------

# One command: set (what is there before, none: no mail root), input, command, and judge
# as sub ($root, $done), done being whether it said so.
sub command {
	my (%with) = @_;
	my $root = new_root();
	mkdir $root, 0700 or die "$root: $!\n";
	$with{set}->("$root/root") if $with{set};
	return (
		root => $root,
		session => sub {
			my ($copy, @before) = @_;
			my ($output, $status) = MailRoot::run($with{input} || '',
			    [@before, program('mailstore'), '-d', "$copy/root", @{$with{command}}], errors => "$copy.errors");
			my $said = octets_of("$copy.errors");
			unlink "$copy.errors";
			return { output => $output, status => $status, said => $said };
		},
		judge => sub {
			my ($copy, $fault, $result) = @_;
			my $status = $result->{status};
			like($status, is_kill($fault) ? qr/^(?:0|75|signal 9|137)$/ : qr/^(?:0|75)$/, 'it is done, or may be tried again')
			    or diag $result->{said};
			is($status, 0, 'what can be done again is, and nobody is told') if is_none($fault);
			is($status, 75, 'who asked is told') if must_be_told($fault, 'write|fsync|renameat|mkdirat|readdir|read');
			my $said = $status eq '0' ? qr/\A(?:mailstore: \d+ messages .*\n)?\z/ : qr/\A(?:mailstore: .*\n)+\z/;
			like($result->{said}, $said, 'and says why') unless is_kill($fault);
			$with{judge}->("$copy/root", $status eq '0', is_kill($fault), $result->{output});
			judge_rest("$copy/root");
		},
	);
}

sub logs_in {
	my ($root, $password) = @_;
	my ($output) = pop3_session($root, "USER $bob\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	return scalar($output =~ /^\+OK \d+ \d+\r$/m);
}

sub judge_added {
	my ($root, $done, $is_kill) = @_;
	if (-d "$root/accounts/example.com/bob" && ($done || $is_kill)) {
		ok(logs_in($root, 'secret'), 'the account is there as a whole');
		is((mailstore($root, "secret\n", 'add', $bob))[0], 73, 'adding it again says so');
		return;
	}
	ok(!-d "$root/accounts/example.com/bob", 'the account is not there');
	ok(!$done, 'and nobody was told so');
	ok(!-d $root || !logs_in($root, 'secret'), 'nobody can log in to it');
	is((mailstore($root, "secret\n", 'add', $bob))[0], 0, 'it can be added');
	ok(logs_in($root, 'secret'), 'and is whole then');
}

# Bob, with his mail and what another program has put beside it.
sub bob_with_mail {
	my ($root) = @_;
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
	put($root, 'mail/example.com/bob/.Sent/cur/1700000002.two.host:2,S', "Subject: two\n\nsecond\n");
}

$scenarios{'add to nothing'} = sub {
	return command(input => "secret\n", command => ['add', $bob], judge => \&judge_added);
};
$scenarios{'add'} = sub {
	return command(set => sub { add($_[0], $ann, 'other') }, input => "secret\n", command => ['add', $bob], judge => \&judge_added);
};
$scenarios{'passwd'} = sub {
	return command(set => \&bob_with_mail, input => "new\n", command => ['passwd', $bob], judge => sub {
		my ($root, $done) = @_;
		my ($old, $new) = map { logs_in($root, $_) } 'secret', 'new';
		ok($new && !$old || $old && !$new && !$done, 'the password is the old one or the new one');
		is((mailstore($root, "third\n", 'passwd', $bob))[0], 0, 'it can be set again');
		ok(logs_in($root, 'third'), 'and is that then');
	});
};
$scenarios{'remove'} = sub {
	return command(set => \&bob_with_mail, command => ['remove', '-f', $bob], judge => sub {
		my ($root, $done) = @_;
		ok(!logs_in($root, 'secret'), 'who is no account any more cannot log in') if !-d "$root/accounts/example.com/bob";
		ok(!-e "$root/$_/example.com/bob", "nothing is left in $_") for $done ? qw(accounts passwords mail) : ();
		mailstore($root, '', 'remove', '-f', $bob);
		ok(!-d "$root/accounts/example.com/bob", 'it can be removed again');
		is((mailstore($root, "new\n", 'add', $bob))[0], 0, 'it can be added again');
		ok(!logs_in($root, 'secret') && logs_in($root, 'new'), 'with its new password');
		is(scalar messages($root, $bob), 0, 'and has no mail of the one before');
	});
};
for (
	[ 'forward', "old\@example.com\n", 'new@example.com', 'again@example.com' ],
	[ 'quota', "1000\n", '2000', '3000' ],
) {
	my ($command, $old, $new, $again) = @$_;
	my $set = sub {
		my ($root) = @_;
		add($root, $bob, undef);
		put($root, "accounts/example.com/bob/$command", $old);
	};
	my $judge = sub {
		my ($root, $done, $then) = @_;
		my ($status, $now) = mailstore($root, '', $command, $bob);
		is($status, 0, "the $command can be read");
		ok($now eq $then || $now eq $old && !$done, 'it is the old or the new one');
		is((mailstore($root, '', $command, $bob, $again))[0], 0, 'and can be set again');
		is((mailstore($root, '', $command, $bob))[1], "$again\n", 'as it shall be');
	};
	$scenarios{$command} = sub {
		return command(set => $set, command => [$command, $bob, $new], judge => sub { $judge->(@_[0, 1], "$new\n") });
	};
	$scenarios{"$command -r"} = sub {
		return command(set => $set, command => [$command, '-r', $bob], judge => sub { $judge->(@_[0, 1], '') });
	};
	$scenarios{"$command shown"} = sub {
		return command(set => $set, command => [$command, $bob], judge => sub {
			my ($root, $done, $is_kill, $output) = @_;
			is($output, $done ? $old : '', 'all of it is told, or nothing');
		});
	};
}
my @imported = ("Subject: one\n\nfirst\n", "Subject: two\n\n" . "From line\n" x 5000, "Subject: one\n\nfirst\n");
my $mbox = join '', map { "From x\@example.com Tue Nov 14 22:13:20 2023\n" . s/^(>*From )/>$1/mgr . "\n" } @imported;

$scenarios{'import'} = sub {
	return command(set => sub { add($_[0], $bob, 'secret') }, input => $mbox, command => ['import', $bob], judge => sub {
		my ($root, $done) = @_;
		my $texts = sub { return join '', sort map { octets_of($_) } messages($root, $bob) };
		my $all = join '', sort @imported;
		is($texts->(), $all, 'each message is there once and whole') if $done;
		is((mailstore($root, $mbox, 'import', $bob))[0], 0, 'it can be imported again');
		is($texts->(), $all, 'then each is there once and whole');
	});
};
$scenarios{'export'} = sub {
	return command(set => \&bob_with_mail, command => ['export', $bob], judge => sub {
		my ($root, $done, $is_kill, $output) = @_;
		like($output, qr/\AFrom [^\n]*\nSubject: one\n\nfirst\n\n\z/, 'all of the mail') if $done;
	});
};
$scenarios{'list of accounts'} = sub {
	return command(set => \&bob_with_mail, command => ['list', 'example.com'], judge => sub {
		my ($root, $done, $is_kill, $output) = @_;
		like($output, qr/^bob\@example\.com +1 +23$/m, 'each account with its mail') if $done;
	});
};
$scenarios{'show'} = sub {
	return command(set => \&bob_with_mail, command => ['show', $bob, '1700000001.one.host'], judge => sub {
		my ($root, $done, $is_kill, $output) = @_;
		is($output, "Subject: one\n\nfirst\n", 'all of the message') if $done;
	});
};

1;
